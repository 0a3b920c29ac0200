import type { RedisConnection } from '@gatehouse/cache';
import { defineScript } from '@gatehouse/cache';
import { createSuite, type Suite } from '@gatehouse/testing';
import * as fc from 'fast-check';
import { argumentsOf, take } from './take.script.ts';
import { TestRedis } from './test-redis.spec-support.ts';
import { keptForMs, takeFrom, type Bucket, type Taking } from './token-bucket.ts';

let suite: Suite;
let server: TestRedis;
let redis: RedisConnection;
beforeAll(async () => {
  suite = await createSuite('token-bucket');
  server = await TestRedis.start(suite);
  redis = await server.connect();
}, 60_000);
afterAll(async () => {
  await redis.close();
  await server.proxy.stop();
  await suite.dispose();
});

const rule = { limit: 10, windowMs: 60_000, burst: 20 };
const takeAt = (bucket: Bucket | undefined, nowMs: number, taking: Taking = { rule }) => {
  const { taken, buckets } = takeFrom([bucket], [taking], nowMs);
  return { ...taken, ...taken.states[0], bucket: buckets?.[0] ?? bucket };
};

describe('a bucket', () => {
  test('gives its burst at once, then one token each window/limit, and says when', () => {
    let bucket: Bucket | undefined;
    for (let left = 19; left >= 0; left -= 1) {
      const taken = takeAt(bucket, 1_000);
      expect(taken).toMatchObject({ allowed: true, remaining: left, nextMs: 6_000 });
      bucket = taken.bucket;
    }
    expect(takeAt(bucket, 1_000)).toMatchObject({ allowed: false, remaining: 0, waitMs: 6_000 });
    expect(takeAt(bucket, 6_999)).toMatchObject({ allowed: false, waitMs: 1 });
    expect(takeAt(bucket, 7_000)).toMatchObject({ allowed: true, waitMs: 0, remaining: 0 });
  });

  test('is charged for nothing that it refuses', () => {
    const full = { used: 1_200_000, atMs: 0, markId: '', markUntilMs: 0 };
    expect(takeAt(full, 1).bucket).toBe(full);
  });

  test('never lets more through in any stretch of time than its burst and what came back in it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 200 }), (gaps) => {
        let [bucket, nowMs]: [Bucket | undefined, number] = [undefined, 0];
        const allowedAt: number[] = [];
        for (const gap of gaps) {
          const taken = takeAt(bucket, (nowMs += gap));
          if (taken.allowed) allowedAt.push(nowMs);
          bucket = taken.bucket;
        }
        for (const [first, from] of allowedAt.entries())
          for (const [last, to] of allowedAt.entries())
            if (last >= first) expect((last - first + 1) * 6_000).toBeLessThanOrEqual(120_000 + to - from + 5_999);
      }),
      { numRuns: 50 },
    );
  });

  test('the same mark is charged once while it lasts, and allowed even when nothing is left', () => {
    const mark = { id: 'token-1', forMs: 10_000 };
    const one = { limit: 1, windowMs: 60_000, burst: 1 };
    const first = takeAt(undefined, 0, { rule: one, mark });
    expect(takeAt(first.bucket, 9_999, { rule: one, mark })).toMatchObject({ allowed: true, remaining: 0 });
    expect(takeAt(first.bucket, 10_000, { rule: one, mark }).allowed).toBe(false);
    expect(takeAt(first.bucket, 1, { rule: one, mark: { id: 'token-2', forMs: 1 } }).allowed).toBe(false);
  });

  test('a clock that is set back fills nothing, and the bucket goes on from there', () => {
    const { bucket } = takeAt(undefined, 1_000_000, { rule: { ...rule, burst: 1 } });
    expect(takeAt(bucket, 0, { rule: { ...rule, burst: 1 } }).allowed).toBe(false);
    const later = takeFrom([bucket], [{ rule: { ...rule, burst: 2 } }], 0);
    expect(later.buckets?.[0]?.atMs).toBe(0);
  });

  test('of several buckets all are charged or none', () => {
    const [empty] = [{ used: 60_000, atMs: 0, markId: '', markUntilMs: 0 }];
    const takings = [{ rule }, { rule: { ...rule, burst: 1 } }];
    const { taken, buckets } = takeFrom([undefined, empty], takings, 0);
    expect(taken).toEqual({
      allowed: false,
      waitMs: 6_000,
      states: [
        { remaining: 20, nextMs: 0 },
        { remaining: 0, nextMs: 6_000 },
      ],
    });
    expect(buckets).toBeNull();
  });
});

describe('the script', () => {
  /** The script with the test's clock for the server's, and without expiry, which would follow the server's. */
  const atTime = defineScript({
    ...take,
    lua: take.lua
      .replace("redis.call('TIME')", '{ ARGV[#ARGV - 1], ARGV[#ARGV] }')
      .replace("redis.call('SET', key, value, 'PX', string.format('%.0f', kept))", "redis.call('SET', key, value)"),
  });

  const rules = fc.record({
    limit: fc.integer({ min: 1, max: 1_000_000 }),
    windowMs: fc.integer({ min: 1, max: 86_400 }).map((seconds) => seconds * 1_000),
    burst: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 1_000_000 })),
  });
  const marks = fc.option(
    fc.record({ id: fc.constantFrom('a', 'b:c', 'd\ne'), forMs: fc.integer({ min: 1, max: 120_000 }) }),
    { nil: undefined },
  );
  const takings = fc.array(fc.record({ rule: rules, mark: marks }), { minLength: 1, maxLength: 3 });
  /** How many milliseconds after the one before, and from which buckets. */
  const steps = fc.array(fc.record({ gapMs: fc.oneof(fc.constant(0), fc.integer({ min: -5_000, max: 10_000_000 })), takings }), { minLength: 1, maxLength: 12 }); // prettier-ignore

  test('decides, answers and keeps what the pure function does, for any rules, times and marks', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const keys = [0, 1, 2].map((index) => `token:limit:${run}:${index}`);
        run += 1;
        const kept: (Bucket | undefined)[] = [undefined, undefined, undefined];
        let nowMs = 1_790_000_000_000;
        for (const step of sequence) {
          nowMs += step.gapMs;
          const used = keys.slice(0, step.takings.length);
          const { taken, buckets } = takeFrom(kept.slice(0, used.length), step.takings, nowMs);
          buckets?.forEach((bucket, index) => (kept[index] = bucket));
          const clock = [Math.floor(nowMs / 1_000), (nowMs % 1_000) * 1_000];
          expect(await redis.script(atTime, used, [...argumentsOf(step.takings), ...clock])).toEqual(taken);
          const stored = await redis.run((commands) => commands.mget(keys));
          expect(stored).toEqual(kept.map((bucket) => (bucket ? textOf(bucket) : null)));
        }
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('the clock and the expiry of the comparison are really replaced', () => {
    expect(atTime.lua).not.toMatch(/TIME'|'PX'/);
    expect(take.lua).toMatch(/'TIME'\)[^]*'PX'/);
  });

  test('a bucket is kept until it is full again, by the server’s clock, and no longer', async () => {
    await redis.script(take, ['token:limit:kept'], argumentsOf([{ rule }]));
    const leftMs = await redis.run((commands) => commands.pttl('token:limit:kept'));
    const bucket = { used: 60_000, atMs: 0, markId: '', markUntilMs: 0 };
    expect(keptForMs(bucket, rule)).toBe(6_000);
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(6_000);
  });
});

function textOf({ used, atMs, markUntilMs, markId }: Bucket): string {
  return `${used}:${atMs}:${markUntilMs}:${markId}`;
}
