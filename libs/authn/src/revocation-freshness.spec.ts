import { RevocationFreshness } from './index.ts';

let nowMs: number;
let freshness: RevocationFreshness;
beforeEach(() => {
  nowMs = 1_000_000;
  freshness = new RevocationFreshness({ now: () => nowMs });
});

test('a guard that never asked for a head is stale, however much it has applied', () => {
  for (let number = 1; number <= 10; number++) freshness.applied(number);
  expect(freshness.completeThrough).toBe(10);
  expect(freshness.isFresh).toBe(false);
});

test('it is fresh once it has applied everything up to the head, whichever came first and in whichever order', () => {
  freshness.headWas(3, nowMs);
  for (const number of [3, 1]) {
    freshness.applied(number);
    expect(freshness.isFresh).toBe(false);
  }
  freshness.applied(2);
  expect(freshness.isFresh).toBe(true);
});

test('it is stale 5 s after the moment of which the head was true, also where everything has been applied', () => {
  freshness.headWas(0, nowMs - 2_000);
  nowMs += 3_000;
  expect(freshness.isFresh).toBe(true);
  nowMs += 1;
  expect(freshness.isFresh).toBe(false);
});

test('an answer that was on its way for longer than 5 s proves nothing', () => {
  freshness.headWas(0, nowMs - 5_001);
  expect(freshness.isFresh).toBe(false);
});

test('a missing number keeps it stale while later ones come, until its range is known', () => {
  freshness.headWas(5, nowMs);
  for (const number of [1, 2, 4, 5]) freshness.applied(number);
  expect(freshness.completeThrough).toBe(2);
  expect(freshness.isFresh).toBe(false);
  freshness.appliedThrough(3);
  expect(freshness.completeThrough).toBe(5);
  expect(freshness.isFresh).toBe(true);
});

test('a head that was reached late counts from when it was true, and a later one that was not reached does not count', () => {
  freshness.headWas(1, nowMs);
  freshness.headWas(2, nowMs + 1_000);
  nowMs += 4_000;
  freshness.applied(1);
  expect(freshness.isFresh).toBe(true);
  nowMs += 1_500;
  expect(freshness.isFresh).toBe(false);
  freshness.applied(2);
  expect(freshness.isFresh).toBe(true);
});

test('after the numbers began anew it is stale until it has caught up again', () => {
  freshness.headWas(0, nowMs);
  freshness.appliedThrough(9);
  freshness.forget();
  expect([freshness.isFresh, freshness.completeThrough]).toEqual([false, 0]);
});
