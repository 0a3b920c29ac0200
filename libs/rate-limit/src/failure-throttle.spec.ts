import type { RedisConnection } from '@gatehouse/cache';
import { Shutdown } from '@gatehouse/lifecycle';
import type { Problem } from '@gatehouse/problem';
import { createSuite, eventually, type Suite } from '@gatehouse/testing';
import { FailureThrottle } from './failure-throttle.ts';
import { RateLimiter, type Spending } from './rate-limiter.ts';
import { rulesOf, TestRedis } from './test-redis.spec-support.ts';

const rules = rulesOf(
  { endpoint: '*', clients: ['free'], limit: 'unlimited' },
  { endpoint: '/oauth/token', key: 'failed-client', limit: 1, window: '1h', burst: 5 },
  { endpoint: '/oauth/token', key: 'failed-ip', limit: 1, window: '1h', burst: 50 },
);

interface Instance {
  readonly redis: RedisConnection;
  readonly throttle: FailureThrottle;
  readonly shutdown: Shutdown;
}

let suite: Suite;
let server: TestRedis;
let [one, other]: Instance[] = [];
beforeAll(async () => {
  suite = await createSuite('failure-throttle');
  server = await TestRedis.start(suite);
  [one, other] = [await instance(), await instance()];
}, 60_000);
afterAll(async () => {
  for (const each of [one, other]) {
    await each?.shutdown.run(1_000);
    await each?.redis.close();
  }
  await server.proxy.stop();
  await suite.dispose();
});

async function instance(): Promise<Instance> {
  const redis = await server.connect();
  const shutdown = new Shutdown({ fatal: () => undefined });
  const limiter = new RateLimiter('token', redis, rules);
  return { redis, shutdown, throttle: new FailureThrottle('token', limiter, redis, shutdown) };
}

const from = (network: string, clientId: string): Spending[] => [
  { key: 'failed-client', id: `${network}:${clientId}`, clientId },
  { key: 'failed-ip', id: network, clientId },
];

/** Whether a failure is answered as one; else the code of the refusal. */
async function fails(by: Instance | undefined, spendings: Spending[]): Promise<string> {
  const failed = by?.throttle.failed('/oauth/token', spendings) ?? Promise.resolve();
  return failed.then(
    () => 'answered',
    (error: Problem) => error.code,
  );
}

function admitted(by: Instance | undefined, spendings: Spending[]): boolean {
  try {
    by?.throttle.admit('/oauth/token', () => spendings);
    return true;
  } catch {
    return false;
  }
}

test('the last failure that the rule allows blocks its client in its network, and no other network or client', async () => {
  const stranger = from('192.0.2.0/24', 'good');
  for (let i = 0; i < 5; i += 1) {
    expect(admitted(one, stranger)).toBe(true);
    expect(await fails(one, stranger)).toBe('answered');
  }
  expect(admitted(one, stranger)).toBe(false);
  expect(admitted(one, from('198.51.100.0/24', 'good'))).toBe(true);
  expect(admitted(one, from('192.0.2.0/24', 'neighbour'))).toBe(true);
});

test('another instance refuses within a second', async () => {
  const stranger = from('192.0.2.0/24', 'shared');
  for (let i = 0; i < 5; i += 1) await fails(one, stranger);
  await eventually(() => expect(admitted(other, stranger)).toBe(false), { within: '2s' });
});

test('failures at the same time on both instances: no more are answered than the rule allows', async () => {
  const stranger = from('192.0.2.0/24', 'parallel');
  const outcomes = await Promise.all(Array.from({ length: 40 }, (_, i) => fails(i % 2 ? one : other, stranger)));
  expect(outcomes.filter((outcome) => outcome === 'answered')).toHaveLength(5);
});

test('a network that guesses at many clients is blocked for all of them, but not for one that no rule limits', async () => {
  const network = '203.0.113.0/24';
  for (let i = 0; i < 50; i += 1) await fails(one, from(network, `guess-${i}`));
  expect(admitted(one, from(network, 'any'))).toBe(false);
  expect(admitted(one, from(network, 'free'))).toBe(true);
});

test('while Redis is away each instance goes on blocking by itself', async () => {
  server.proxy.cut();
  const stranger = from('192.0.2.0/24', 'away');
  const outcomes = [];
  for (let i = 0; i < 7; i += 1) outcomes.push(await fails(one, stranger));
  expect(outcomes.filter((outcome) => outcome === 'answered')).toHaveLength(5);
  expect(admitted(one, stranger)).toBe(false);
  server.proxy.restore();
});
