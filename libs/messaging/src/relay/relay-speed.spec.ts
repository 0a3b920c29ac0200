import { metrics } from '@gatehouse/telemetry';
import { eventually } from '@gatehouse/testing';
import pg from 'pg';
import { BacklogMonitor } from './backlog-monitor.ts';
import type { OutgoingRecord } from './relay-source.ts';
import { RelayBench } from './relay.spec-support.ts';

describe('the speed of a relay', () => {
  let bench: RelayBench;
  /** When Kafka had acknowledged the event of a key. */
  const acknowledged = new Map<string, number>();
  beforeAll(async () => {
    bench = await RelayBench.open('relay-speed');
  });
  beforeEach(async () => {
    const producer = bench.producer();
    await bench.activeRelay({
      discard: () => producer.discard(),
      send: async (records: readonly OutgoingRecord[]) => {
        await producer.send(records);
        for (const { key } of records) acknowledged.set(key, performance.now());
      },
    });
    await bench.register();
    await bench.drained();
  });
  afterEach(() => bench.reset());
  afterAll(() => bench.close());

  const sentAt = (key: string) => eventually(() => acknowledged.get(key) ?? false, { within: '10s' });

  test('half of the events are acknowledged by Kafka within 30 ms of their commit', async () => {
    const delays: number[] = [];
    for (let i = 0; i < 41; i += 1) {
      const key = await bench.register();
      const committed = performance.now();
      delays.push((await sentAt(key)) - committed);
    }
    expect(delays.toSorted((a, b) => a - b)[20]).toBeLessThan(30);
  });

  test('idle it uses hardly any CPU', async () => {
    const before = process.cpuUsage();
    await bench.database.query('SELECT pg_sleep(3)');
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 3_000_000).toBeLessThan(0.05);
  });

  test('an event that waited for a transaction elsewhere leaves soon after its end, and the metric named who held it', async () => {
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
    const ended = performance.now();
    await holder.end();
    monitor.stop();
    expect((await sentAt(key)) - ended).toBeLessThan(500);
  });
});
