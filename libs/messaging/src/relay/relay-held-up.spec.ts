import { metrics } from '@gatehouse/telemetry';
import { eventually } from '@gatehouse/testing';
import pg from 'pg';
import { BacklogMonitor } from './backlog-monitor.ts';
import type { OutgoingRecord } from './relay-source.ts';
import { RelayBench } from './relay.spec-support.ts';

describe('a relay that is held up', () => {
  let bench: RelayBench;
  /** The keys whose event Kafka has acknowledged. */
  const acknowledged = new Set<string>();
  beforeAll(async () => {
    bench = await RelayBench.open('relay-held-up');
  });
  beforeEach(async () => {
    const producer = bench.producer();
    await bench.activeRelay({
      discard: () => producer.discard(),
      send: async (records: readonly OutgoingRecord[]) => {
        await producer.send(records);
        for (const { key } of records) acknowledged.add(key);
      },
    });
    await bench.register();
    await bench.drained();
  });
  afterEach(() => bench.reset());
  afterAll(() => bench.close());

  test('an event that waited for a transaction elsewhere leaves after its end, and the metric named who held it', async () => {
    const holder = new pg.Client({ connectionString: bench.bench.suite.databaseUrl('audit-log') });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('CREATE TABLE held (id int)');
    const monitor = new BacklogMonitor(bench.source(), bench.database, () => undefined);
    const key = await bench.register();
    void monitor.start();
    const { rows } = await holder.query<{ pid: number; name: string }>(
      'SELECT pg_backend_pid() AS pid, current_database() AS name',
    );
    const labels = `{pid="${rows[0]?.pid}",database="${rows[0]?.name}"}`;
    await eventually(
      async () => {
        // The transaction must not be mistaken for one that sits idle.
        await holder.query('SELECT 1');
        expect(await metrics.metrics()).toMatch(new RegExp(`outbox_xmin_age_seconds${labels} [1-9]`));
      },
      { within: '10s' },
    );
    expect(await metrics.metrics()).toMatch(/outbox_oldest_unsent_seconds{shard="outbox"} [1-9]/);
    expect(acknowledged.has(key)).toBe(false);
    await holder.query('ROLLBACK');
    await holder.end();
    monitor.stop();
    await eventually(() => acknowledged.has(key), { within: '10s' });
  });
});
