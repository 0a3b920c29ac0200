import { eventually } from '@gatehouse/testing';
import { TokenHarness } from '../token.spec-support.ts';
import { SweepExpired } from './sweep-expired.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('sweep-expired');
}, 60_000);
afterAll(() => token.stop());

const sweep = () => token.part(SweepExpired).run();
const revoke = (value: string) => token.postForm('/oauth/revoke', { token: value }, token.client('demo'));

test('a revocation that has expired leaves the topic by a tombstone, once however many sweep', async () => {
  const { refresh_token, access_token, claims } = await token.login();
  await revoke(refresh_token);
  const key = `grant:${claims.grant_id}`;
  await eventually(async () => expect((await token.me(access_token)).status).toBe(401), { within: '5s' });
  await sweep();
  expect((await token.events({ key })).map(({ data }) => data === null)).toEqual([false]);

  await token.sql("UPDATE revocation SET expires_at = now() - interval '1 second' WHERE key = $1", [key]);
  await Promise.all([sweep(), sweep(), sweep()]);
  expect((await token.events({ key })).map(({ data }) => data === null)).toEqual([false, true]);
  expect(await token.sql('SELECT 1 FROM revocation WHERE key = $1', [key])).toEqual([]);
});

test('more than one transaction holds are all buried in one sweep', async () => {
  await token.sql(
    "INSERT INTO revocation (key, revoked_at, expires_at, number) SELECT 'jti:' || n, now(), now() - interval '1 hour', 1000 + n FROM generate_series(1, 250) n",
  );
  await sweep();
  expect(await token.sql('SELECT 1 FROM revocation')).toEqual([]);
  const buried = (await token.events({ type: 'token.revoked' })).filter(
    ({ key, data }) => data === null && key.startsWith('jti:'),
  );
  expect(new Set(buried.map(({ key }) => key)).size).toBe(250);
});

test('what has outlived its use leaves the database, and nothing else does', async () => {
  const live = await token.login();
  const expired = await token.login();
  await token.sql("UPDATE token_grant SET expires_at = now() - interval '1 second' WHERE id = $1", [
    expired.claims.grant_id,
  ]);
  await token.sql("UPDATE browser_session SET expires_at = now() - interval '1 second' WHERE id = $1", [
    expired.claims.sid,
  ]);
  await token.sql("UPDATE authorization_code SET expires_at = expires_at - interval '25 hours' WHERE grant_id = $1", [
    expired.claims.grant_id,
  ]);
  await sweep();
  const ids = async (sql: string) => (await token.sql<{ id: string }>(sql)).map(({ id }) => id);
  for (const column of ['id FROM token_grant', 'grant_id AS id FROM refresh_token']) {
    expect(await ids(`SELECT ${column}`)).toContain(live.claims.grant_id);
    expect(await ids(`SELECT ${column}`)).not.toContain(expired.claims.grant_id);
  }
  expect(await ids('SELECT id FROM browser_session')).toContain(live.claims.sid);
  expect(await ids('SELECT id FROM browser_session')).not.toContain(expired.claims.sid);
  const codes = await ids('SELECT grant_id AS id FROM authorization_code');
  expect(codes).toContain(live.claims.grant_id);
  expect(codes).not.toContain(expired.claims.grant_id);
});
