import type { RedisConnection } from '@gatehouse/cache';
import type { Problem } from '@gatehouse/problem';
import { metrics } from '@gatehouse/telemetry';
import { createSuite, eventually, type Suite } from '@gatehouse/testing';
import type { Redis } from 'ioredis';
import { LocalBuckets } from './local-buckets.ts';
import { policyField, RateLimiter, rateLimitField, type Decision } from './rate-limiter.ts';
import { rulesOf, TestRedis } from './test-redis.spec-support.ts';

const rules = rulesOf(
  { endpoint: '*', clients: ['demo'], limit: 'unlimited' },
  { endpoint: '/oauth/token', limit: 10, window: '60s', burst: 20 },
  { endpoint: '/login', key: 'account', limit: 5, window: '60s', burst: 5 },
  { endpoint: '/login', key: 'ip', limit: 50, window: '60s', burst: 50 },
);

let suite: Suite;
let server: TestRedis;
let redis: RedisConnection;
let limiter: RateLimiter;
beforeAll(async () => {
  suite = await createSuite('rate-limiter');
  server = await TestRedis.start(suite);
}, 60_000);
afterAll(async () => {
  await server.proxy.stop();
  await suite.dispose();
});
beforeEach(async () => {
  server.proxy.restore();
  redis = await server.connect();
  limiter = new RateLimiter('token', redis, rules);
});
afterEach(() => redis.close());

let ids = 0;
const client = () => ({ key: 'client' as const, id: `client-${(ids += 1)}` });
const decide = (one: ReturnType<typeof client>, by = limiter) => by.decide('/oauth/token', [one]);

/** How many of `attempts` at the same time are allowed. */
async function allowedOf(attempts: number, attempt: () => Promise<boolean>): Promise<number> {
  const outcomes = await Promise.all(Array.from({ length: attempts }, attempt));
  return outcomes.filter(Boolean).length;
}

/** Undefined where it was allowed. */
async function refusal(attempt: Promise<void>): Promise<Problem | undefined> {
  return attempt.then(
    () => undefined,
    (error: Problem) => error,
  );
}

describe('a limit', () => {
  test('lets the burst through and refuses the next with Retry-After', async () => {
    const one = client();
    for (let i = 0; i < 20; i += 1) await limiter.spend('/oauth/token', one);
    const refused = await refusal(limiter.spend('/oauth/token', one));
    expect(refused).toMatchObject({ code: 'too-many-requests', status: 429 });
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(Number(refused?.headers['retry-after'])).toBeLessThanOrEqual(6);
  });

  test('is one for all instances', async () => {
    const otherRedis = await server.connect();
    const other = new RateLimiter('token', otherRedis, rules);
    const one = client();
    let turn = 0;
    const next = () => ((turn += 1) % 2 ? limiter : other);
    const allowed = await allowedOf(40, async () => (await decide(one, next()))?.allowed ?? false);
    expect(allowed).toBe(20);
    expect((await decide(one, other))?.allowed).toBe(false);
    await otherRedis.close();
  });

  test('lets no more through when many come at the same time', async () => {
    const one = client();
    expect(await allowedOf(100, async () => (await decide(one))?.allowed ?? false)).toBe(20);
  });

  test('negative control: a bucket that is read and then written lets more through, and the same check sees it', async () => {
    const key = `token:limit:unsafe:${(ids += 1)}`;
    const allowed = await allowedOf(100, async () => {
      const used = Number((await redis.run((commands) => commands.get(key))) ?? 0);
      if (used >= 20) return false;
      await redis.run((commands) => commands.set(key, used + 1));
      return true;
    });
    expect(allowed).toBeGreaterThan(20);
  });

  test('does not hold for a client that a rule leaves unlimited, and costs no call then', async () => {
    server.proxy.cut();
    expect(await limiter.decide('/oauth/token', [{ ...client(), clientId: 'demo' }])).toBeNull();
    expect(limiter.isLimited('/oauth/token', { ...client(), clientId: 'demo' })).toBe(false);
    expect(limiter.isLimited('/oauth/token', client())).toBe(true);
  });

  test('costs one call to Redis, however many buckets it has', async () => {
    let calls = 0;
    const counted = new RateLimiter('token', { script: (...given) => ((calls += 1), redis.script(...given)) }, rules);
    await counted.spend('/login', { key: 'account', id: 'a' }, { key: 'ip', id: '192.0.2.0/24' });
    expect(calls).toBe(1);
  });

  test('leaves no key behind that never expires', async () => {
    await decide(client());
    const scan = (commands: Redis) => commands.scan('0', 'MATCH', 'token:limit:/*', 'COUNT', 10_000);
    const [, keys] = await redis.run(scan);
    expect(keys.length).toBeGreaterThan(0);
    const left = await Promise.all(keys.map((key) => redis.run((commands) => commands.pttl(key))));
    expect(left.filter((ms) => ms < 0)).toEqual([]);
  });
});

describe('the fields of draft-ietf-httpapi-ratelimit-headers', () => {
  const fieldsOf = (decision: Decision | null) => decision && [policyField(decision.rules), rateLimitField(decision)];

  test('name the policy, what is left of its quota, and when there is more', async () => {
    const one = client();
    expect(fieldsOf(await decide(one))).toEqual(['"default";q=10;w=60', '"default";r=10;t=6']);
    for (let i = 0; i < 9; i += 1) await decide(one);
    expect(fieldsOf(await decide(one))).toEqual(['"default";q=10;w=60', '"default";r=9;t=6']);
  });

  test('list every bucket that was asked', async () => {
    const decision = await limiter.decide('/login', [
      { key: 'account', id: 'b' },
      { key: 'ip', id: '198.51.100.0/24' },
    ]);
    expect(fieldsOf(decision)).toEqual(['"account";q=5;w=60, "ip";q=50;w=60', '"account";r=4;t=12, "ip";r=49;t=2']);
  });
});

describe('while Redis is away', () => {
  const localMetric = () => metrics.getSingleMetricAsString('rate_limit_decisions_total');

  test('a bucket of the same rule in this process takes over without an error, a metric says so, and Redis takes over again', async () => {
    const one = client();
    await decide(one);
    server.proxy.cut();
    expect(await allowedOf(30, async () => (await decide(one))?.allowed ?? false)).toBe(20);
    expect(await localMetric()).toMatch(/key="client",outcome="limited",where="local"\} [1-9]/);
    server.proxy.restore();
    await eventually(async () => expect((await decide(one))?.allowed).toBe(true), { within: '10s' });
    await eventually(
      async () => {
        const fresh = client();
        await decide(fresh);
        expect(await localMetric()).toMatch(/key="client",outcome="allowed",where="redis"\}/);
      },
      { within: '10s' },
    );
  });

  test('so it is when Redis is silent, and when it answers nonsense', async () => {
    server.proxy.halfOpen();
    expect((await decide(client()))?.allowed).toBe(true);
    const nonsense = new RateLimiter('token', { script: () => Promise.reject(new Error('WRONGTYPE')) }, rules);
    expect((await decide(client(), nonsense))?.allowed).toBe(true);
  });

  test('the buckets of a process are bounded; the one that was used least recently makes room', () => {
    const local = new LocalBuckets({ bucketsMax: 3, now: () => 0 });
    const takings = [{ rule: { limit: 1, windowMs: 1_000, burst: 1 } }];
    for (const key of ['a', 'b', 'c', 'd']) expect(local.take([key], takings).allowed).toBe(true);
    expect(local.size).toBe(3);
    expect(local.take(['d'], takings).allowed).toBe(false);
    expect(local.take(['a'], takings).allowed).toBe(true);
  });
});
