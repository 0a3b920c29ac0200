import { eventually } from '@gatehouse/testing';
import type { OutboxSource } from './outbox-source.ts';
import { RelayBench } from './relay.spec-support.ts';
import { Waker } from './waker.ts';

describe('replicas of one relay', () => {
  let bench: RelayBench;
  beforeAll(async () => {
    bench = await RelayBench.open('takeover');
  });
  afterEach(() => bench.reset());
  afterAll(() => bench.close());

  const killHolder = () =>
    bench.database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
       WHERE locktype = 'advisory' AND datname = current_database() AND application_name = 'token relay'`,
    );

  test('are never active together, and another takes over when the holder dies: nothing lost, order kept', async () => {
    const relays = [1, 2, 3].map(() => bench.relay(bench.source()));
    const active = () => relays.filter((relay) => relay.active).length;
    bench.outbox.onCommit(() => relays.forEach((relay) => relay.wake()));
    await eventually(() => active() === 1, { within: '10s' });
    const account = await bench.register();
    let mostActive = 0;
    const watch = setInterval(() => (mostActive = Math.max(mostActive, active())), 1);
    try {
      for (let round = 0; round < 4; round += 1) {
        const writes = Array.from({ length: 25 }, () => bench.register(account));
        await killHolder();
        await Promise.all(writes);
        await bench.drained('30s');
      }
    } finally {
      clearInterval(watch);
    }
    expect(mostActive).toBe(1);
    const sequences = (await bench.messages()).map(({ headers }) => Number(headers?.['ce_sequence']));
    expect(firstAppearances(sequences)).toEqual(Array.from({ length: 101 }, (_, i) => i + 1));
  });

  test('without the lock they are active together and one event after another is sent twice', async () => {
    const sent: string[] = [];
    const replica = async (source: OutboxSource) => {
      const connection = await bench.database.connect('unlocked');
      await source.open(connection);
      return async () => {
        await eventually(
          async () => {
            const { records } = await source.read(connection, 1_000);
            sent.push(...records.map(({ key }) => key));
            return records.length > 0;
          },
          { within: '10s' },
        );
        await connection.end();
      };
    };
    const replicas = await Promise.all([replica(bench.source()), replica(bench.source())]);
    const account = await bench.register();
    await Promise.all(replicas.map((relayOnce) => relayOnce()));
    expect(sent).toEqual([account, account]);
  });

  test('one that lost its lock can move the cursor no more', async () => {
    const zombie = bench.source();
    const connection = await bench.database.connect('zombie');
    await zombie.open(connection);
    await bench.register();
    const record = await eventually(async () => (await zombie.read(connection, 1)).records[0] ?? false, {
      within: '10s',
    });
    await bench.activeRelay();
    await bench.drained();
    await expect(zombie.mark(connection, record)).rejects.toThrow('somebody else moved the cursor');
    await connection.end();
  });

  test('a commit in a replica that stands by is on its way at once, through NOTIFY', async () => {
    await bench.activeRelay();
    await bench.register();
    await bench.drained();
    const standby = bench.relay(bench.source());
    const waker = new Waker('outbox', standby, () => bench.database.connect('waker'));
    bench.outbox.onCommit(() => waker.wake());
    const delays: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      await bench.register();
      const committed = performance.now();
      await eventually(async () => (await bench.source().backlog()).rows === 0, { within: '5s' });
      delays.push(performance.now() - committed);
    }
    await waker.close();
    // The relay's own timer would take half a second on the average.
    expect(delays.toSorted((a, b) => a - b)[5]).toBeLessThan(250);
  });
});

/** Duplicates are allowed, but each number must appear first in its turn. */
function firstAppearances(sequences: readonly number[]): number[] {
  return [...new Set(sequences)];
}
