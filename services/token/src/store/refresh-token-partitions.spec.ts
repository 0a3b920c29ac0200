import { TokenHarness, tokensOf } from '../token.spec-support.ts';
import { RefreshTokenPartitions } from './refresh-token-partitions.ts';

const WEEK_MS = 7 * 86_400_000;

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('refresh-token-partitions');
}, 60_000);
afterAll(() => token.stop());

const keep = (at: Date) => token.part(RefreshTokenPartitions).keep(at);
const weeks = async () =>
  (
    await token.sql<{ name: string }>(
      "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'refresh_token'::regclass ORDER BY 1",
    )
  ).map(({ name }) => name);

test('tokens lie in the week of their expiry, a successor beside or after the one that it replaced', async () => {
  const first = await token.login();
  await tokensOf(await token.refresh(first.refresh_token));
  const rows = await token.sql<{ week: string; expected: string }>(
    `SELECT tableoid::regclass::text AS week,
       'refresh_token_' || to_char(to_timestamp(floor(extract(epoch FROM expires_at) / 604800) * 604800) AT TIME ZONE 'UTC', 'YYYYMMDD') AS expected
     FROM refresh_token WHERE grant_id = $1`,
    [first.claims.grant_id],
  );
  expect(rows).toHaveLength(2);
  for (const { week, expected } of rows) expect(week).toBe(expected);
});

test('whoever keeps them finds a week for every token to come, however many keep them at once', async () => {
  const before = await weeks();
  const later = new Date(Date.now() + WEEK_MS);
  await Promise.all([keep(later), keep(later), keep(later)]);
  expect((await weeks()).filter((week) => !before.includes(week))).toHaveLength(1);
});

test('a week goes with all its tokens when they have expired, and not before; the others stay', async () => {
  const { refresh_token, claims } = await token.login();
  const live = await token.login();
  const past = new Date(Date.now() - 3 * WEEK_MS);
  await keep(past);
  await token.sql('UPDATE refresh_token SET expires_at = $2 WHERE grant_id = $1', [claims.grant_id, past]);
  const [before] = await weeks();
  await keep(new Date());
  expect(await weeks()).not.toContain(before);
  expect(await token.sql('SELECT 1 FROM refresh_token WHERE grant_id = $1', [claims.grant_id])).toEqual([]);
  expect((await token.refresh(refresh_token)).status).toBe(400);
  expect((await token.refresh(live.refresh_token)).status).toBe(200);
});

test('negative control: a week that is dropped by a clock that runs weeks ahead takes a live token with it', async () => {
  const { refresh_token } = await token.login();
  await keep(new Date(Date.now() + 7 * WEEK_MS));
  expect((await token.refresh(refresh_token)).status).toBe(400);
});
