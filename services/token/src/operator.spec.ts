import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@gatehouse/database';
import { createSuite, type Suite } from '@gatehouse/testing';
import pg from 'pg';
import { operator } from './operator.ts';
import { tokenMigrations } from './store/migrations/index.ts';

let suite: Suite;
let database: pg.Client;
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-operator-'));
beforeAll(async () => {
  suite = await createSuite('token operator');
  database = new pg.Client(suite.databaseUrl('token'));
  await database.connect();
}, 30_000);
afterAll(async () => {
  await database.end();
  await suite.dispose();
  rmSync(folder, { recursive: true });
});

const env = (changes: Record<string, string> = {}) => ({ ...suite.operatorEnv(), SEED_FILE: '', ...changes });
const tables = async () => {
  const { rows } = await database.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
  );
  return rows.map(({ name }) => name);
};

function seedFile(seed: unknown): string {
  const path = join(folder, 'seed.json');
  writeFileSync(path, JSON.stringify(seed));
  return path;
}

test('every migration of the service can be taken back, and run again', async () => {
  await migrate(operator, 'up', env());
  const whole = await tables();
  expect(whole).toEqual(
    expect.arrayContaining(['account', 'client', 'authorization_code', 'token_grant', 'revocation']),
  );
  for (const _ of tokenMigrations) await migrate(operator, 'revert', env());
  expect(await tables()).toEqual(whole.filter((name) => /^(outbox|inbox|consumer|parked|schema|released)/.test(name)));
  await migrate(operator, 'up', env());
  expect(await tables()).toEqual(whole);
}, 30_000);

describe('the seed file', () => {
  const client = { id: 'seeded', secret: 's'.repeat(43), grant_types: ['client_credentials'] };
  const account = {
    id: '019ac000-0000-7000-8000-0000000000aa',
    email: 'Seed@Example.com',
    password: 'a long password',
  };

  test('creates clients and verified accounts; repeated, it updates clients and leaves accounts alone', async () => {
    const SEED_FILE = seedFile({ clients: [client], accounts: [account] });
    await migrate(operator, 'up', env({ SEED_FILE }));
    const before = await database.query('SELECT * FROM account');
    expect(before.rows).toMatchObject([
      { id: account.id, address: 'Seed@example.com', verified_at: expect.any(Date) as Date },
    ]);
    seedFile({ clients: [{ ...client, scopes: ['openid'] }], accounts: [account] });
    await migrate(operator, 'up', env({ SEED_FILE }));
    expect((await database.query('SELECT * FROM account')).rows).toEqual(before.rows);
    expect((await database.query("SELECT metadata->>'scope' AS scope FROM client")).rows).toEqual([
      { scope: 'openid' },
    ]);
  });

  test('tells of a client once, and again where it has changed', async () => {
    const told = async () => {
      const sql = "SELECT headers->>'ce_type' AS type, payload FROM outbox WHERE key = 'told' ORDER BY xid, id";
      return (await database.query<{ type: string; payload: string }>(sql)).rows;
    };
    const SEED_FILE = seedFile({ clients: [{ ...client, id: 'told' }] });
    for (const _ of [1, 2]) await migrate(operator, 'up', env({ SEED_FILE }));
    expect((await told()).map(({ type }) => type)).toEqual(['client.registered']);
    seedFile({ clients: [{ ...client, id: 'told', scopes: ['openid'] }] });
    for (const _ of [1, 2]) await migrate(operator, 'up', env({ SEED_FILE }));
    const events = await told();
    expect(events.map(({ type }) => type)).toEqual(['client.registered', 'client.changed']);
    expect(JSON.parse(events[0]?.payload ?? '')).toMatchObject({ client_id: 'told', registered_by: 'seed' });
    expect(JSON.stringify(events)).not.toContain(client.secret);
  });

  test('tells of a resource when it comes or changes, and of nothing otherwise', async () => {
    const told = async () => {
      const sql = "SELECT headers->>'ce_type' AS type, payload FROM outbox WHERE key = 'orders' ORDER BY xid, id";
      return (await database.query<{ type: string; payload: string }>(sql)).rows;
    };
    const orders = { name: 'orders', url: 'https://orders.example' };
    const SEED_FILE = seedFile({ resources: [orders] });
    for (const _ of [1, 2]) await migrate(operator, 'up', env({ SEED_FILE }));
    seedFile({ resources: [{ ...orders, scopes: [{ name: 'orders:read' }] }] });
    for (const _ of [1, 2]) await migrate(operator, 'up', env({ SEED_FILE }));
    const events = await told();
    expect(events.map(({ type }) => type)).toEqual(['resource.added', 'resource.changed']);
    const scopes = [{ name: 'orders:read', description: '' }];
    expect(JSON.parse(events[1]?.payload ?? '')).toMatchObject({ ...orders, scopes });
    const { rows } = await database.query("SELECT url, scopes, version FROM resource WHERE name = 'orders'");
    expect(rows).toEqual([{ url: orders.url, scopes, version: 2 }]);
  });

  test('stores no secret and no password', async () => {
    const { rows } = await database.query('SELECT c::text, a::text FROM client c, account a');
    expect(JSON.stringify(rows)).not.toContain(client.secret);
    expect(JSON.stringify(rows)).not.toContain(account.password);
  });

  test('is refused in production, and before anything is written', async () => {
    const SEED_FILE = seedFile({ clients: [{ ...client, id: 'unwanted' }] });
    const production = env({ SEED_FILE, GATEHOUSE_ENV: 'production' });
    await expect(migrate(operator, 'up', production)).rejects.toThrow(/not for production/);
    expect((await database.query("SELECT 1 FROM client WHERE id = 'unwanted'")).rows).toEqual([]);
  });

  test.each([
    ['a short secret', { clients: [{ ...client, secret: 'short' }] }],
    ['a misspelt field', { clients: [{ ...client, redirect_uri: 'https://x.example' }] }],
    ['a grant that does not exist', { clients: [{ ...client, grant_types: ['password'] }] }],
  ])('with %s is refused as a whole', async (_, seed) => {
    await expect(migrate(operator, 'up', env({ SEED_FILE: seedFile(seed) }))).rejects.toThrow();
  });
});
