import { metrics } from '@gatehouse/telemetry';
import { eventually } from '@gatehouse/testing';
import { openBench } from './database.spec-support.ts';

describe('the pool', () => {
  test('shows its connections and how long work waited for one', async () => {
    const bench = await openBench('pool-metrics');
    const database = await bench.open({ poolSize: 2 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const holders = [1, 2].map(() => database.withTransaction(() => promise));
    const waiter = database.query('SELECT 1');
    await eventually(() => shown('waiting', 1), { within: '2s' });
    expect(await metrics.metrics()).toMatch(/database_pool_connections{pool="pool-metrics",state="size"} 2\n/);
    resolve();
    await Promise.all([...holders, waiter]);
    expect(await metrics.metrics()).toMatch(/database_pool_wait_seconds_count{pool="pool-metrics"} [3-9]/);
    await bench.close();
    expect(await metrics.metrics()).not.toMatch(/database_pool_connections{pool="pool-metrics"/);
  });
});

async function shown(state: string, count: number): Promise<boolean> {
  return (await metrics.metrics()).includes(
    `database_pool_connections{pool="pool-metrics",state="${state}"} ${count}\n`,
  );
}
