import { durationBuckets, gauge, histogram } from '@gatehouse/telemetry';
import type pg from 'pg';

/** The open pools of this process by name; several only where tests run several services in one process. */
const pools = new Map<string, pg.Pool>();

const wait = histogram({
  name: 'database_pool_wait_seconds',
  help: 'How long work waited for a connection.',
  labels: ['pool'],
  buckets: durationBuckets,
});

const counts: Record<string, (pool: pg.Pool) => number> = {
  size: (pool) => pool.totalCount,
  idle: (pool) => pool.idleCount,
  waiting: (pool) => pool.waitingCount,
};

gauge({
  name: 'database_pool_connections',
  help: 'Connections of the pool (size), those in no use (idle), and requests that wait for one (waiting).',
  labels: ['pool', 'state'],
  collect(metric) {
    metric.reset();
    for (const [name, pool] of pools) {
      for (const [state, count] of Object.entries(counts)) metric.set({ pool: name, state }, count(pool));
    }
  },
});

/** Shows `pool` in the metrics until the returned function is called. */
export function watchPool(name: string, pool: pg.Pool): () => void {
  pools.set(name, pool);
  return () => {
    if (pools.get(name) === pool) pools.delete(name);
  };
}

/** Counts the wait for one connection. */
export function waited(pool: string, milliseconds: number): void {
  wait.observe({ pool }, milliseconds / 1_000);
}
