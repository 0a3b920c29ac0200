import { loadConfig } from '@gatehouse/config';
import type { Variables } from '@gatehouse/config';
import { allPermissions, grantAdded, PLATFORM_ORGANIZATION_ID, roleChanged, roleCreated } from '@gatehouse/contracts';
import type { RaisedEpochs } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import type { Database, Tx } from '@gatehouse/database';
import { operatorOutbox } from '@gatehouse/messaging';
import type { Outbox } from '@gatehouse/messaging';
import { bootstrapConfig } from './config.ts';
import { builtInRoles, platformAdministrator, service } from './domain/built-in-roles.ts';
import type { BuiltInRole } from './domain/built-in-roles.ts';

const organization_id = PLATFORM_ORGANIZATION_ID;

/** Tells of one thing that was brought. */
type Telling = (tx: Tx, outbox: Outbox, epochs: RaisedEpochs) => Promise<void>;

/**
 * Brings the catalog and the built-in roles to this release, and gives those roles to the clients of
 * `AUTHZ_BOOTSTRAP_ADMINS` and `AUTHZ_BOOTSTRAP_SERVICES`. Repeatable: where nothing is missing, nothing is written and nothing
 * told. `tx` holds the lock of the platform organisation, like every change of it.
 */
export async function bootstrap(tx: Tx, env: Variables, database: Database): Promise<void> {
  const config = loadConfig(bootstrapConfig, env);
  const brought = [
    await bringCatalog(tx),
    ...(await each(builtInRoles, (role) => bringRole(tx, role))),
    ...(await each(config.AUTHZ_BOOTSTRAP_ADMINS, (client) => grant(tx, client, platformAdministrator))),
    ...(await each(config.AUTHZ_BOOTSTRAP_SERVICES, (client) => grant(tx, client, service))),
  ].filter((telling) => telling !== null);
  if (brought.length === 0) return;
  const [row] = await tx.query<{ epoch: string }>('UPDATE catalog_epoch SET epoch = epoch + 1 RETURNING epoch');
  const outbox = operatorOutbox(database, 'authorization');
  for (const tell of brought) await tell(tx, outbox, { catalog: Number(row?.epoch) });
}

/** One after the other, since a transaction does one thing at a time. */
async function each<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

/** The permissions of Gatehouse itself; they belong to the release, so nobody is told. */
async function bringCatalog(tx: Tx): Promise<Telling | null> {
  const changed = await tx.query(
    `INSERT INTO permission AS p (name, summary, scope, registered)
     SELECT name, summary, scope, false FROM json_to_recordset($1) AS declared (name text, summary text, scope text)
     ON CONFLICT (name) DO UPDATE SET summary = excluded.summary, scope = excluded.scope, registered = false
     WHERE (p.summary, p.scope, p.registered) IS DISTINCT FROM (excluded.summary, excluded.scope, false)
     RETURNING 1`,
    [JSON.stringify(allPermissions)],
  );
  return changed.length > 0 ? () => Promise.resolve() : null;
}

async function bringRole(tx: Tx, { id, name, description, permissions }: BuiltInRole): Promise<Telling | null> {
  const [known] = await tx.query('SELECT FROM role WHERE id = $1', [id]);
  const described = await tx.query(
    `INSERT INTO role AS r (id, organization_id, name, description) VALUES ($1, $2, $3, $4)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, description = excluded.description
     WHERE (r.name, r.description) IS DISTINCT FROM (excluded.name, excluded.description) RETURNING 1`,
    [id, organization_id, name, description],
  );
  const removed = await tx.query(
    'DELETE FROM role_permission WHERE role_id = $1 AND permission <> ALL ($2) RETURNING 1',
    [id, permissions],
  );
  const added = await tx.query(
    `INSERT INTO role_permission (role_id, permission) SELECT $1, unnest($2::text[])
     ON CONFLICT DO NOTHING RETURNING 1`,
    [id, permissions],
  );
  if (described.length + removed.length + added.length === 0) return null;
  const event = known ? roleChanged : roleCreated;
  const data = { organization_id, role_id: id, name, permissions: [...permissions] };
  return (inTx, outbox, epochs) => outbox.append(inTx, event, { ...data, epochs });
}

async function grant(tx: Tx, clientId: string, role: BuiltInRole): Promise<Telling | null> {
  const grant_id = uuidv7();
  const added = await tx.query(
    `INSERT INTO permission_grant (id, organization_id, subject_type, subject_id, role_id, effect)
     VALUES ($1, $2, 'client', $3, $4, 'allow') ON CONFLICT ON CONSTRAINT grant_once DO NOTHING RETURNING 1`,
    [grant_id, organization_id, clientId, role.id],
  );
  if (added.length === 0) return null;
  return (inTx, outbox, epochs) =>
    outbox.append(inTx, grantAdded, {
      organization_id,
      grant_id,
      subject: { type: 'client', id: clientId },
      role_id: role.id,
      permission: null,
      effect: 'allow',
      not_before: null,
      expires_at: null,
      epochs,
    });
}
