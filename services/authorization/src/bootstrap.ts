import { loadConfig } from '@gatehouse/config';
import type { Variables } from '@gatehouse/config';
import { allPermissions, PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { advisoryKey, uuidv7 } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { bootstrapConfig } from './config.ts';
import { builtInRoles, platformAdministrator, service } from './domain/built-in-roles.ts';
import type { BuiltInRole } from './domain/built-in-roles.ts';

/**
 * Brings the catalog and the built-in roles to this release, and gives those roles to the clients of
 * `AUTHZ_BOOTSTRAP_ADMINS` and `AUTHZ_BOOTSTRAP_SERVICES`. Repeatable: where nothing is missing, nothing is written.
 */
export async function bootstrap(tx: Tx, env: Variables): Promise<void> {
  const config = loadConfig(bootstrapConfig, env);
  // Running replicas change the platform organisation under this lock.
  await tx.query(`SELECT pg_advisory_xact_lock(${advisoryKey(PLATFORM_ORGANIZATION_ID)})`);
  let changed = await bringCatalog(tx);
  for (const role of builtInRoles) changed += await bringRole(tx, role);
  for (const client of config.AUTHZ_BOOTSTRAP_ADMINS) changed += await grant(tx, client, platformAdministrator);
  for (const client of config.AUTHZ_BOOTSTRAP_SERVICES) changed += await grant(tx, client, service);
  if (changed > 0) await tx.query('UPDATE catalog_epoch SET epoch = epoch + 1');
}

/** Each of these resolves with the number of rows that it had to change. */
async function bringCatalog(tx: Tx): Promise<number> {
  const sql = `
    INSERT INTO permission AS p (name, summary, scope, registered)
    SELECT name, summary, scope, false FROM json_to_recordset($1) AS declared (name text, summary text, scope text)
    ON CONFLICT (name) DO UPDATE SET summary = excluded.summary, scope = excluded.scope, registered = false
    WHERE (p.summary, p.scope, p.registered) IS DISTINCT FROM (excluded.summary, excluded.scope, false)
    RETURNING 1`;
  return (await tx.query(sql, [JSON.stringify(allPermissions)])).length;
}

async function bringRole(tx: Tx, { id, name, description, permissions }: BuiltInRole): Promise<number> {
  const role = await tx.query(
    `INSERT INTO role AS r (id, organization_id, name, description) VALUES ($1, $2, $3, $4)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, description = excluded.description
     WHERE (r.name, r.description) IS DISTINCT FROM (excluded.name, excluded.description) RETURNING 1`,
    [id, PLATFORM_ORGANIZATION_ID, name, description],
  );
  const gone = await tx.query('DELETE FROM role_permission WHERE role_id = $1 AND permission <> ALL ($2) RETURNING 1', [
    id,
    permissions,
  ]);
  const added = await tx.query(
    `INSERT INTO role_permission (role_id, permission) SELECT $1, unnest($2::text[])
     ON CONFLICT DO NOTHING RETURNING 1`,
    [id, permissions],
  );
  return role.length + gone.length + added.length;
}

async function grant(tx: Tx, clientId: string, role: BuiltInRole): Promise<number> {
  const added = await tx.query(
    `INSERT INTO permission_grant (id, organization_id, subject_type, subject_id, role_id, effect)
     VALUES ($1, $2, 'client', $3, $4, 'allow') ON CONFLICT ON CONSTRAINT grant_once DO NOTHING RETURNING 1`,
    [uuidv7(), PLATFORM_ORGANIZATION_ID, clientId, role.id],
  );
  return added.length;
}
