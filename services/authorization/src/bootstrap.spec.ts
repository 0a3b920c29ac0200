import { allPermissions, PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { migrate } from '@gatehouse/database';
import { createSuite } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import pg from 'pg';
import { operator } from './operator.ts';

let suite: Suite;
let database: pg.Pool;
let env: Record<string, string>;
beforeAll(async () => {
  suite = await createSuite('authz-bootstrap');
  env = { ...suite.env('authorization'), AUTHZ_BOOTSTRAP_ADMINS: 'root,admin', AUTHZ_BOOTSTRAP_SERVICES: 'audit-log' };
  database = new pg.Pool({ connectionString: suite.databaseUrl('authorization'), max: 2 });
}, 60_000);
afterAll(async () => {
  await database.end();
  await suite.dispose();
});
beforeEach(() => migrate(operator, 'up', env), 60_000);

const rows = async <T>(sql: string) => (await database.query(sql)).rows as T[];
/** Everything that a migration could alter. */
const content = async () =>
  Promise.all([
    rows('SELECT * FROM permission ORDER BY name'),
    rows('SELECT * FROM role ORDER BY id'),
    rows('SELECT * FROM role_permission ORDER BY role_id, permission'),
    rows('SELECT * FROM permission_grant ORDER BY subject_id'),
    rows('SELECT * FROM catalog_epoch'),
    rows('SELECT * FROM outbox'),
  ]);
const told = () => rows(`SELECT headers->>'ce_type' AS type, payload::json AS data FROM outbox ORDER BY xid, id`);

test('every permission of the contracts is in the catalog', async () => {
  const names = await rows<{ name: string; scope: string }>('SELECT name, scope FROM permission');
  expect(new Map(names.map(({ name, scope }) => [name, scope]))).toEqual(
    new Map(allPermissions.map(({ name, scope }) => [name, scope])),
  );
});

test('the named clients hold the built-in roles in the platform organisation, and nobody else holds anything', async () => {
  const grants = await rows(`
    SELECT g.organization_id, subject_type, subject_id, r.name AS role
    FROM permission_grant g JOIN role r ON r.id = role_id ORDER BY subject_id`);
  const held = (subject_id: string, role: string) => ({
    organization_id: PLATFORM_ORGANIZATION_ID,
    subject_type: 'client',
    subject_id,
    role,
  });
  expect(grants).toEqual([
    held('admin', 'platform-administrator'),
    held('audit-log', 'service'),
    held('root', 'platform-administrator'),
  ]);
});

test('what the clients were given is told, like every other grant', async () => {
  const role = (name: string) => ({ type: 'role.created', data: { name, epochs: { catalog: 2 } } });
  const grant = (id: string) => ({
    type: 'grant.added',
    data: { subject: { type: 'client', id }, epochs: { catalog: 2 } },
  });
  const expected = [role('platform-administrator'), role('service'), grant('root'), grant('admin'), grant('audit-log')];
  expect(await told()).toMatchObject(expected);
});

test('migrating again writes nothing and tells nothing', async () => {
  const before = await content();
  await migrate(operator, 'up', env);
  expect(await content()).toEqual(before);
});

test('a built-in role that lost a permission gets it back, and caches learn of it', async () => {
  const before = await content();
  await database.query(`DELETE FROM role_permission WHERE permission = 'authorization:check'`);
  await migrate(operator, 'up', env);
  const after = await content();
  expect(after[2]).toEqual(before[2]);
  expect(after[4]).not.toEqual(before[4]);
  expect((await told()).slice(-2)).toMatchObject([
    { type: 'role.changed', data: { name: 'platform-administrator', epochs: { catalog: 3 } } },
    { type: 'role.changed', data: { name: 'service' } },
  ]);
});

test('the schema can be taken back and made again', async () => {
  const { changed } = await migrate(operator, 'revert', env);
  expect(changed).toEqual(['Model1795392010000']);
  expect(await rows(`SELECT to_regclass('permission_grant') AS found`)).toEqual([{ found: null }]);
  await migrate(operator, 'up', env);
  expect(await rows('SELECT id FROM organization')).toEqual([{ id: PLATFORM_ORGANIZATION_ID }]);
});
