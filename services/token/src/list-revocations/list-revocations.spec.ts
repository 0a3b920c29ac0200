import { listRevocations, REVOCATIONS_SCOPE } from '@gatehouse/contracts';
import { Database, uuidv7 } from '@gatehouse/database';
import { eventually } from '@gatehouse/testing';
import { RevocationFreshness, RevocationHead } from '@gatehouse/authn';
import { Redis } from 'ioredis';
import { subjectRevocation } from '../domain/revocation.ts';
import { RevocationAnnouncer } from '../protocol/revocation-announcer.ts';
import { Revoker } from '../protocol/revoker.ts';
import { Revocations } from '../store/revocations.ts';
import { TokenHarness, tokensOf } from '../token.spec-support.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('list-revocations');
}, 60_000);
afterAll(() => token.stop());

async function serviceToken(scope?: string, client = 'audit-log'): Promise<string> {
  const form = { grant_type: 'client_credentials', ...(scope ? { scope } : {}) };
  return (await tokensOf(await token.postForm('/oauth/token', form, token.client(client)))).access_token;
}
const get = async (query: string, accessToken?: string) =>
  token.get(`/api/v1/revocations${query}`, {
    authorization: `Bearer ${accessToken ?? (await serviceToken(REVOCATIONS_SCOPE))}`,
  });
const list = async (query = '') => listRevocations.success.body.parse(await (await get(query)).json());

/** Revokes in a transaction of its own, which may fail in the end. */
async function revoke({ id = uuidv7(), version = 1, fails = false } = {}): Promise<string> {
  const revocation = subjectRevocation({ accountId: id, clientId: 'demo', version }, new Date());
  await token.part(Database).change([`subject:${id}`], async (tx) => {
    await token.part(Revoker).revoke(tx, revocation);
    if (fails) throw new Error('rolled back');
  });
  return id;
}

test('numbers have no gaps, whatever runs side by side and whatever is rolled back', async () => {
  const { head: before } = await list();
  const jobs = Array.from({ length: 60 }, (_, n) => revoke({ fails: n % 3 === 0 }).catch(() => undefined));
  const revoked = (await Promise.all(jobs)).filter((id) => id !== undefined);
  const { head, complete_through, revocations } = await list(`?after=${before}`);
  expect([head, complete_through]).toEqual([before + 40, before + 40]);
  expect(revocations.map(({ number }) => number)).toEqual(Array.from({ length: 40 }, (_, n) => before + 1 + n));
  expect(revocations.map(({ id }) => id).sort()).toEqual(revoked.sort());
  const events = await token.events({ type: 'token.revoked' });
  expect(events.map(({ data }) => Number(data?.['number'])).sort((a, b) => a - b)).toEqual(
    Array.from({ length: head }, (_, n) => 1 + n),
  );
});

test('an acknowledged revocation is at or below every head that is asked for from then on', async () => {
  for (let n = 0; n < 20; n++) {
    const id = await revoke();
    const { head, revocations } = await list();
    expect(revocations.find((one) => one.id === id)?.number).toBeLessThanOrEqual(head);
  }
});

test('a stretch that is not whole says through which number it is complete; expired ones are passed over', async () => {
  const { head: before } = await list();
  const ids = [await revoke(), await revoke(), await revoke(), await revoke()];
  await token.sql("UPDATE revocation SET expires_at = now() - interval '1 minute' WHERE number = $1", [before + 2]);
  const first = await list(`?after=${before}&limit=2`);
  expect(first.revocations.map(({ id }) => id)).toEqual([ids[0], ids[2]]);
  expect([first.complete_through, first.head]).toEqual([before + 3, before + 4]);
  const rest = await list(`?after=${first.complete_through}&limit=2`);
  expect(rest.revocations.map(({ id }) => id)).toEqual([ids[3]]);
  expect(rest.complete_through).toBe(rest.head);
});

test('a raised version gets a new number; the same one again writes nothing', async () => {
  const id = await revoke();
  const { head } = await list();
  await revoke({ id });
  expect((await list()).head).toBe(head);
  await revoke({ id, version: 2 });
  expect(await list(`?after=${head}`)).toMatchObject({ head: head + 1, revocations: [{ id, version: 2 }] });
});

test('a guard is told over Redis at once, and the head there is as old as its lease says', async () => {
  const redis = new Redis(token.suite.redisStateUrl);
  const heard: string[] = [];
  await redis.subscribe(`revocation:${token.issuer}`);
  redis.on('message', (_channel, message) => heard.push(message));
  const id = await revoke();
  await eventually(() => expect(heard.join()).toContain(id), { within: '5s' });
  redis.disconnect();
  const { head } = await list();
  await eventually(async () => expect((await token.part(RevocationHead).read())?.number).toBe(head), { within: '5s' });
  expect((await token.part(RevocationHead).read())?.asOfMs).toBeLessThanOrEqual(performance.now());
});

test('a head that nobody renews is gone with its lease, and an old one never replaces a newer one', async () => {
  const head = token.part(RevocationHead);
  await head.renew(() => Promise.resolve(1_000_000));
  await head.renew(() => Promise.resolve(999_999));
  expect((await head.read())?.number).toBe(1_000_000);
  // The service goes on renewing, from its database: the invented head is not its own, and runs out.
  const real = await token.part(Revocations).head();
  await eventually(async () => expect((await head.read())?.number).toBe(real), { within: '10s' });
  await eventually(() => token.part(RevocationFreshness).isFresh, { within: '10s' });
});

test('a revocation succeeds without Redis', async () => {
  const head = token.part(RevocationHead);
  const announce = head.announce.bind(head);
  head.announce = () => Promise.reject(new Error('away'));
  try {
    expect(token.part(RevocationAnnouncer)).toBeDefined();
    const id = await revoke();
    expect((await list()).revocations.map((one) => one.id)).toContain(id);
  } finally {
    head.announce = announce;
  }
});

test('403: a token without the scope, and a client that is not registered for it', async () => {
  expect((await get('', await serviceToken())).status).toBe(403);
  expect((await get('', await serviceToken(undefined, 'admin'))).status).toBe(403);
  const form = { grant_type: 'client_credentials', scope: REVOCATIONS_SCOPE };
  expect((await token.postForm('/oauth/token', form, token.client('admin'))).status).toBe(400);
});

test('401 and 400: no token, and a number that is none', async () => {
  expect((await token.get('/api/v1/revocations')).status).toBe(401);
  expect((await get('?after=-1')).status).toBe(400);
  expect((await get('?limit=10001')).status).toBe(400);
});
