import { counter, gauge, histogram, metrics } from './index.ts';

test('a metric asked for twice is one metric, because several services may share a test process', async () => {
  counter({ name: 'things_total', help: 'Things.', labels: ['kind'] }).inc({ kind: 'a' });
  counter({ name: 'things_total', help: 'Things.', labels: ['kind'] }).inc({ kind: 'a' });
  expect(await metrics.metrics()).toContain('things_total{kind="a"} 2');
});

test('a gauge is collected when it is scraped', async () => {
  let waiting = 3;
  gauge({ name: 'pool_waiting', help: 'Waiting.', collect: (metric) => metric.set(waiting) });
  expect(await metrics.metrics()).toContain('pool_waiting 3');
  waiting = 5;
  expect(await metrics.metrics()).toContain('pool_waiting 5');
});

test('a histogram counts under its upper bounds', async () => {
  histogram({ name: 'work_seconds', help: 'Work.', buckets: [0.1, 1] }).observe(0.5);
  const text = await metrics.metrics();
  expect(text).toContain('work_seconds_bucket{le="0.1"} 0');
  expect(text).toContain('work_seconds_bucket{le="1"} 1');
});
