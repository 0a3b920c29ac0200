import { RedisConnection } from '@gatehouse/cache';
import { createSuite, FaultProxy, type Suite } from '@gatehouse/testing';
import { Redis } from 'ioredis';
import { ReplayedIds, type OneTimeId } from './index.ts';

let suite: Suite;
let proxy: FaultProxy;
let redis: RedisConnection;
let ids: ReplayedIds;

beforeAll(async () => {
  suite = await createSuite('replayed-ids');
  proxy = await FaultProxy.start({ port: Number(new URL(suite.redisStateUrl).port) });
});
afterAll(async () => {
  await proxy.stop();
  await suite.dispose();
});
beforeEach(async () => {
  proxy.restore();
  redis = await connection();
  ids = new ReplayedIds(redis, 'token');
});
afterEach(() => redis.close());

async function connection(): Promise<RedisConnection> {
  const { pathname, username, password } = new URL(suite.env('token').STATE_REDIS_URL ?? '');
  const server = { host: proxy.host, port: proxy.port, db: Number(pathname.slice(1)), username, password };
  const made = new RedisConnection({ role: 'state', service: 'token', required: false, server });
  await made.connect();
  return made;
}

let counter = 0;
const fresh = (overrides: Partial<OneTimeId> = {}): OneTimeId => ({
  kind: 'dpop-proof',
  owner: 'thumbprint',
  id: `j-${(counter += 1)}`,
  expiresAt: Date.now() / 1_000 + 60,
  ...overrides,
});

test('an id passes once, however many instances see it at the same time', async () => {
  const other = await connection();
  const id = fresh();
  const elsewhere = new ReplayedIds(other, 'token');
  const results = await Promise.all(Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? ids : elsewhere).use(id)));
  expect(results.filter(Boolean)).toHaveLength(1);
  await other.close();
});

test('the same text by another key, by another client or of another kind is another id', async () => {
  const id = fresh();
  expect(await ids.use(id)).toBe(true);
  expect(await ids.use({ ...id, owner: 'another' })).toBe(true);
  expect(await ids.use({ ...id, kind: 'client-assertion' })).toBe(true);
  // Joined without boundaries these two would be one.
  expect(await ids.use({ ...id, owner: 'ab', id: 'c' })).toBe(true);
  expect(await ids.use({ ...id, owner: 'a', id: 'bc' })).toBe(true);
});

test('an id is kept for longer than what carries it is accepted, and no longer than half a minute more', async () => {
  const id = fresh();
  await ids.use(id);
  const admin = new Redis(suite.redisStateUrl);
  const keys = await admin.keys('token:used:*');
  const lives = await Promise.all(keys.map((key) => admin.ttl(key)));
  admin.disconnect();
  expect(Math.max(...lives)).toBeLessThanOrEqual(91);
  expect(Math.max(...lives)).toBeGreaterThan(60);
});

describe.each<[string, () => void]>([
  ['cut off', () => proxy.cut()],
  ['silent', () => proxy.halfOpen()],
  ['answering nobody', () => proxy.dropResponses()],
])('while Redis is %s', (_, fault) => {
  test('no id passes, new or used: the answer is 503 with Retry-After', async () => {
    const used = fresh();
    expect(await ids.use(used)).toBe(true);
    fault();
    for (const id of [used, fresh(), used])
      await expect(ids.use(id)).rejects.toMatchObject({
        code: 'dependency-unavailable',
        status: 503,
        headers: { 'retry-after': '1' },
      });
  });

  test('negative control: a guard that goes on after an error lets a replay pass', async () => {
    const lenient = { use: (id: OneTimeId) => ids.use(id).catch(() => true) };
    const used = fresh();
    expect(await lenient.use(used)).toBe(true);
    expect(await lenient.use(used)).toBe(false);
    fault();
    expect(await lenient.use(used)).toBe(true);
  });
});
