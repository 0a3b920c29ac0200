import { createSuite, eventually, FaultProxy, type Suite } from '@gatehouse/testing';
import { Redis } from 'ioredis';
import { defineScript, RedisConnection, RedisUnavailable } from './index.ts';

let suite: Suite;
let admin: Redis;
let proxy: FaultProxy;
let redis: RedisConnection;
const policies: string[] = [];

/** Where a URL of the suite points, as ioredis takes it. */
function serverOf(address: string) {
  const url = new URL(address);
  return { db: Number(url.pathname.slice(1)), username: url.username, password: url.password };
}

beforeAll(async () => {
  suite = await createSuite('cache');
  admin = new Redis(suite.redisStateUrl);
  proxy = await FaultProxy.start({ port: Number(new URL(suite.redisStateUrl).port) });
});
afterAll(async () => {
  admin.disconnect();
  await proxy.stop();
  await suite.dispose();
});
beforeEach(async () => {
  proxy.restore();
  redis = connection();
  await redis.connect();
});
afterEach(() => redis.close());

function connection(overrides: { required?: boolean; commandTimeoutMs?: number } = {}): RedisConnection {
  return new RedisConnection({
    role: 'state',
    service: 'token',
    required: true,
    commandTimeoutMs: 100,
    server: { host: proxy.host, port: proxy.port, ...serverOf(suite.env('token').STATE_REDIS_URL ?? '') },
    onPolicy: (policy) => void policies.push(policy),
    ...overrides,
  });
}

const get = () => redis.run((commands) => commands.get('token:key'));

/** How long a failing call keeps its caller waiting, in milliseconds. */
async function waitOf(call: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await expect(call()).rejects.toBeInstanceOf(RedisUnavailable);
  return performance.now() - startedAt;
}

test('commands are carried out on the server, under the names that they were given', async () => {
  await redis.run((commands) => commands.set('token:key', 'value'));
  expect(await admin.get('token:key')).toBe('value');
});

test('a server that has gone silent costs a deadline at first, and then nothing', async () => {
  await get();
  proxy.halfOpen();
  for (let i = 0; i < 5; i += 1) expect(await waitOf(get)).toBeLessThan(1_500);
  expect(redis.ready()).not.toBe(true);
  expect(await waitOf(get)).toBeLessThan(50);
});

test('without the deadline and the breaker the same silence keeps a caller waiting', async () => {
  const plain = new Redis({ host: proxy.host, port: proxy.port, ...serverOf(suite.redisStateUrl) });
  plain.on('error', () => undefined);
  await plain.ping();
  proxy.halfOpen();
  const answered = plain.get('token:key').then(
    () => 'answered',
    () => 'failed',
  );
  expect(await Promise.race([answered, eventually(() => false, { within: '1s' }).catch(() => 'waiting')])).toBe('waiting'); // prettier-ignore
  plain.disconnect();
});

test('a server that is cut off fails at once, and is used again once it is back', async () => {
  await get();
  proxy.cut();
  await eventually(() => expect(redis.ready()).toBe('not connected'), { within: '5s' });
  expect(await waitOf(get)).toBeLessThan(50);
  proxy.restore();
  await eventually(get, { within: '10s' });
  expect(redis.ready()).toBe(true);
});

test('a service starts while its server is away, and uses it when it comes', async () => {
  proxy.cut();
  const early = connection();
  await early.connect();
  expect(early.ready()).toBe('not connected');
  proxy.restore();
  await eventually(() => early.exercise(), { within: '10s' });
  await early.close();
});

test('a command whose answer was lost is not sent again, since it may have been carried out', async () => {
  await redis.run((commands) => commands.set('token:count', '0'));
  proxy.loseResponses();
  await expect(redis.run((commands) => commands.incr('token:count'))).rejects.toBeInstanceOf(RedisUnavailable);
  await eventually(() => redis.exercise(), { within: '10s' });
  expect(await admin.get('token:count')).toBe('1');
});

test('an error of the command itself reaches its caller, and does not count as an outage', async () => {
  await redis.close();
  redis = connection({ commandTimeoutMs: 10_000 }); // -- a slow machine is no outage either
  await redis.connect();
  await redis.run((commands) => commands.set('token:key', 'text'));
  for (let i = 0; i < 10; i += 1) {
    await expect(redis.run((commands) => commands.lpush('token:key', 'x'))).rejects.toThrow('WRONGTYPE');
  }
  expect(redis.ready()).toBe(true);
});

test('a cache that is away does not make the service unready', async () => {
  const cache = connection({ required: false });
  proxy.cut();
  await cache.connect();
  expect(cache.ready()).toBe(true);
  await expect(cache.exercise()).rejects.toBeInstanceOf(RedisUnavailable);
  await cache.close();
});

test('the health check really writes and reads, and leaves nothing behind', async () => {
  await redis.exercise();
  expect(await admin.keys('token:health:*')).toEqual([]);
});

test("the server's eviction policy is asked at every connection", async () => {
  policies.length = 0;
  const fresh = connection();
  await fresh.connect();
  await eventually(() => expect(policies).toEqual(['noeviction']), { within: '5s' });
  await fresh.close();
});

describe('a named script', () => {
  const take = defineScript({
    name: 'take-from-budget',
    lua: `
      local left = tonumber(redis.call('GET', KEYS[1]) or ARGV[1])
      if left < tonumber(ARGV[2]) then return {0, left} end
      redis.call('SET', KEYS[1], left - ARGV[2])
      return {1, left - ARGV[2]}`,
    parse: (reply) => {
      const [taken, left] = reply as [number, number]; // -- what the script returns
      return { taken: taken === 1, left };
    },
  });

  test('is one step, with a typed result', async () => {
    const results = await Promise.all([1, 2, 3, 4].map(() => redis.script(take, ['token:budget'], [10, 3])));
    expect(results.filter(({ taken }) => taken)).toHaveLength(3);
    expect(await admin.get('token:budget')).toBe('1');
  });

  test('is sent again where the server has forgotten it', async () => {
    await admin.del('token:budget');
    await redis.script(take, ['token:budget'], [10, 1]);
    await admin.script('FLUSH');
    expect(await redis.script(take, ['token:budget'], [10, 1])).toEqual({ taken: true, left: 8 });
  });

  test('whose reply cannot be understood is an error of ours, not an outage', async () => {
    const broken = defineScript({
      name: 'broken',
      lua: 'return 1',
      parse: () => {
        throw new TypeError('not a pair');
      },
    });
    for (let i = 0; i < 6; i += 1) await expect(redis.script(broken, [])).rejects.toThrow(TypeError);
    expect(redis.ready()).toBe(true);
  });
});
