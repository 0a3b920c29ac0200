import { Health } from './index.ts';

test('readiness names every part that is not ready, with its reason', () => {
  const health = new Health();
  health.add({ name: 'database', ready: () => true });
  health.add({ name: 'relay', ready: () => 'the backlog is full' });
  health.add({ name: 'consumer', ready: () => 'crashed' });
  expect(health.readiness()).toEqual({
    ready: false,
    failing: [
      { part: 'relay', reason: 'the backlog is full' },
      { part: 'consumer', reason: 'crashed' },
    ],
  });
});

test('a part whose question throws is not ready, and does not hide the others', () => {
  const health = new Health();
  health.add({
    name: 'pool',
    ready: () => {
      throw new Error('no pool');
    },
  });
  health.add({ name: 'relay', ready: () => 'stopped' });
  expect(health.readiness().failing).toEqual([
    { part: 'pool', reason: 'no pool' },
    { part: 'relay', reason: 'stopped' },
  ]);
});

test('two parts cannot share a name', () => {
  const health = new Health();
  health.add({ name: 'database' });
  expect(() => health.add({ name: 'database' })).toThrow('two health parts named database');
});

test('exercising uses the part itself and tells how long it took', async () => {
  const health = new Health();
  let used = 0;
  health.add({
    name: 'cache',
    exercise: () => {
      used += 1;
      return Promise.resolve();
    },
  });
  health.add({ name: 'lifecycle', ready: () => true });
  expect(health.components).toEqual(['cache']);
  expect(await health.exercise('cache', 1_000)).toBeGreaterThanOrEqual(0);
  expect(used).toBe(1);
  expect(await health.exercise('lifecycle', 1_000)).toBeNull();
  expect(await health.exercise('unknown', 1_000)).toBeNull();
});

test('a part that hangs fails at the deadline', async () => {
  const health = new Health();
  health.add({ name: 'broker', exercise: () => new Promise(() => undefined) });
  await expect(health.exercise('broker', 20)).rejects.toThrow('broker did not answer within 20 ms');
});
