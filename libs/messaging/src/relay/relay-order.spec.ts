import { uuidv7 } from '@gatehouse/database';
import { eventually } from '@gatehouse/testing';
import pg from 'pg';
import type { OutboxSource } from './outbox-source.ts';
import { RelayHalted } from './relay-source.ts';
import { RelayBench } from './relay.spec-support.ts';
import { SentSequences } from './sent-sequences.ts';

/** One open transaction with a connection of its own, so that a test decides what happens when. */
class OpenTransaction {
  private constructor(private readonly client: pg.Client) {}

  static async begin(bench: RelayBench): Promise<OpenTransaction> {
    const client = await bench.database.connect('writer');
    await client.query('BEGIN');
    return new OpenTransaction(client);
  }

  async write(sql: string): Promise<void> {
    await this.client.query(sql);
  }

  /** What `Outbox.append` writes. */
  async append(key: string): Promise<void> {
    await this.client.query(`
      WITH position AS (
        INSERT INTO outbox_sequence AS s (topic, key, sequence) VALUES ('t', '${key}', 1)
        ON CONFLICT (topic, key) DO UPDATE SET sequence = s.sequence + 1 RETURNING sequence
      )
      INSERT INTO outbox (topic, key, sequence, headers, payload)
      SELECT 't', '${key}', sequence, '{}', '{}' FROM position`);
  }

  async commit(): Promise<void> {
    await this.client.query('COMMIT');
    await this.client.end();
  }
}

/** What a cursor over the serial id would read: the protection switched off. */
async function readBySerial(bench: RelayBench, after: string): Promise<{ id: string; key: string }[]> {
  return bench.database.query('SELECT id::text, key FROM outbox WHERE id > $1 ORDER BY id', [after]);
}

describe('the order in which the relay reads', () => {
  let bench: RelayBench;
  let connection: pg.Client;
  let source: OutboxSource;
  beforeAll(async () => {
    bench = await RelayBench.open('relay-order', 0);
    await bench.database.query('CREATE TABLE aggregate (key text PRIMARY KEY, version int NOT NULL DEFAULT 0)');
  });
  beforeEach(async () => {
    connection = await bench.database.connect('reader');
    source = bench.source();
    await source.open(connection);
    await drainAll();
  });
  afterEach(() => connection.end());
  afterAll(() => bench.close());

  /** Reads and marks what may be sent now. Other suites write to the same cluster, and may hold it up for a moment. */
  const drain = async () => {
    const { records, waiting } = await source.read(connection, 1_000);
    const last = records.at(-1);
    if (last) await source.mark(connection, last);
    return { keys: records.map(({ key }) => key), sequences: records.map(({ sequence }) => sequence), waiting };
  };
  /** Reads and marks until nothing waits any more. */
  const drainAll = async () => {
    const read = { keys: [] as string[], sequences: [] as (number | null)[] };
    await eventually(
      async () => {
        const { keys, sequences, waiting } = await drain();
        read.keys.push(...keys);
        read.sequences.push(...sequences);
        return !waiting;
      },
      { within: '10s' },
    );
    return read;
  };

  test('skips no transaction that commits after one that began later', async () => {
    const slow = await OpenTransaction.begin(bench);
    await slow.append('slow');
    const fast = await OpenTransaction.begin(bench);
    await fast.append('fast');
    await fast.commit();
    expect(await drain()).toMatchObject({ keys: [], waiting: true });
    await slow.commit();
    expect((await drainAll()).keys).toEqual(['slow', 'fast']);
  });

  test('a cursor over a serial id skips that transaction for ever', async () => {
    const [start] = await bench.database.query<{ id: string }>('SELECT last_value::text AS id FROM outbox_id');
    const slow = await OpenTransaction.begin(bench);
    await slow.append('slow');
    const fast = await OpenTransaction.begin(bench);
    await fast.append('fast');
    await fast.commit();
    const first = await readBySerial(bench, start?.id ?? '0');
    expect(first.map(({ key }) => key)).toEqual(['fast']);
    await slow.commit();
    expect(await readBySerial(bench, first.at(-1)?.id ?? '0')).toEqual([]);
  });

  test('a transaction that wrote elsewhere before it locked its aggregate inverts the order, and the relay halts', async () => {
    const key = uuidv7();
    await bench.database.query('INSERT INTO aggregate VALUES ($1)', [key]);
    const early = await OpenTransaction.begin(bench);
    await early.write(`INSERT INTO aggregate VALUES ('inbox ${key}')`); // the first write takes the transaction id
    const late = await OpenTransaction.begin(bench);
    await late.write(`SELECT FROM aggregate WHERE key = '${key}' FOR UPDATE`);
    await late.append(key);
    await late.commit();
    await early.write(`SELECT FROM aggregate WHERE key = '${key}' FOR UPDATE`);
    await early.append(key);
    await early.commit();
    await eventually(async () => (await source.read(connection, 1_000)).records.length === 2, { within: '10s' });
    const { records } = await source.read(connection, 1_000);
    expect(records.map(({ sequence }) => sequence)).toEqual([2, 1]);
    expect(() => new SentSequences([]).follow(records)).toThrow(RelayHalted);
    await drainAll();
  });

  test('the same two transactions that lock the key at their start keep its order', async () => {
    const key = uuidv7();
    const { promise: locked, resolve } = Promise.withResolvers<void>();
    const early = bench.database.change([key], async (tx) => {
      resolve();
      await tx.query('INSERT INTO aggregate VALUES ($1)', [`inbox ${key}`]);
      await bench.append(tx, key);
    });
    await locked;
    await Promise.all([early, bench.register(key), bench.register(key)]);
    expect((await drainAll()).sequences).toEqual([1, 2, 3]);
  });

  test('under many concurrent writers of few keys every key is in order and nothing is missing', async () => {
    const keys = Array.from({ length: 5 }, () => uuidv7());
    const writes = Array.from({ length: 200 }, (_, i) => bench.register(keys[i % keys.length] as string));
    const read: { key: string; sequence: number | null }[] = [];
    const sequences = new SentSequences([]);
    await eventually(
      async () => {
        const { records } = await source.read(connection, 1_000);
        sequences.follow(records);
        read.push(...records);
        const last = records.at(-1);
        if (last) await source.mark(connection, last);
        return read.length === writes.length;
      },
      { within: '30s' },
    );
    await Promise.all(writes);
    for (const key of keys) {
      expect(read.filter((record) => record.key === key).map(({ sequence }) => sequence)).toEqual(
        Array.from({ length: 40 }, (_, i) => i + 1),
      );
    }
  });

  test('an open transaction of another database holds the relay up, and the rows tell that they wait', async () => {
    const foreign = new pg.Client({ connectionString: bench.bench.suite.databaseUrl('audit-log') });
    await foreign.connect();
    await foreign.query('BEGIN');
    await foreign.query('CREATE TABLE held (id int)');
    const key = uuidv7();
    await bench.register(key);
    expect(await drain()).toMatchObject({ keys: [], waiting: true });
    await foreign.query('ROLLBACK');
    await foreign.end();
    expect((await drainAll()).keys).toEqual([key]);
  });
});
