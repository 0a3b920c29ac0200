import { jest } from '@jest/globals';
import { uuidv7 } from '@gatehouse/database';
import { eventually } from '@gatehouse/testing';
import pg from 'pg';
import { OutboxSource } from './outbox-source.ts';
import { RelayHalted } from './relay-source.ts';
import { RelayBench, TOPIC } from './relay.spec-support.ts';
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
        INSERT INTO outbox_sequence AS s (topic, key, sequence) VALUES ('${TOPIC}', '${key}', 1)
        ON CONFLICT (topic, key) DO UPDATE SET sequence = s.sequence + 1 RETURNING sequence
      )
      INSERT INTO outbox (topic, key, sequence, headers, payload)
      SELECT '${TOPIC}', '${key}', sequence, json_build_object('ce_id', '${key} ' || sequence), '{}' FROM position`);
  }

  async commit(): Promise<void> {
    await this.client.query('COMMIT');
    await this.client.end();
  }
}

type Read = ReturnType<OutboxSource['read']>;

/** The protection switched off: a cursor over the serial id, which reads what has committed by now. */
class SerialSource extends OutboxSource {
  #last = '0';

  override async read(connection: pg.Client): Read {
    const sql = `
      SELECT xid::text, id::text, topic, key, payload AS value, headers, sequence::int
      FROM outbox WHERE id > $1 ORDER BY id`;
    const { rows } = await connection.query<Awaited<Read>['records'][number]>(sql, [this.#last]);
    return { records: rows, waiting: false };
  }

  override mark(_: pg.Client, { id }: Awaited<Read>['records'][number]): Promise<void> {
    this.#last = id;
    return Promise.resolve();
  }
}

/** The second line of defence switched off: the relay cannot see that an event is not the next of its aggregate. */
class UnverifiedSource extends OutboxSource {
  override async read(connection: pg.Client, limit: number): Read {
    const { records, waiting } = await super.read(connection, limit);
    return { records: records.map((record) => ({ ...record, sequence: null })), waiting };
  }
}

/** A consumer's transaction that writes its inbox row before it locks the aggregate, and another's in between. */
async function inboxBeforeLock(bench: RelayBench, key: string): Promise<void> {
  await bench.database.query('INSERT INTO aggregate VALUES ($1)', [key]);
  const lock = `SELECT FROM aggregate WHERE key = '${key}' FOR UPDATE`;
  const early = await OpenTransaction.begin(bench);
  await early.write(inboxRow()); // the first write takes the transaction id
  const late = await OpenTransaction.begin(bench);
  for (const transaction of [late, early]) {
    await transaction.write(lock);
    await transaction.append(key);
    await transaction.commit();
  }
}

function inboxRow(): string {
  return `INSERT INTO inbox (consumer, event_id) VALUES ('token', '${uuidv7()}')`;
}

describe('the order in which the relay reads', () => {
  let bench: RelayBench;
  let connection: pg.Client;
  let source: OutboxSource;
  beforeAll(async () => {
    bench = await RelayBench.open('relay-order', 0);
    await bench.database.query('CREATE TABLE aggregate (key text PRIMARY KEY)');
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

  test('a transaction that wrote elsewhere before it locked its aggregate inverts the order, and the relay halts', async () => {
    await inboxBeforeLock(bench, uuidv7());
    await eventually(async () => (await source.read(connection, 1_000)).records.length === 2, { within: '10s' });
    const { records } = await source.read(connection, 1_000);
    expect(records.map(({ sequence }) => sequence)).toEqual([2, 1]);
    expect(() => new SentSequences([]).follow(records)).toThrow(RelayHalted);
    await drainAll();
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

describe('the history of a relay', () => {
  let bench: RelayBench;
  beforeAll(async () => {
    bench = await RelayBench.open('relay-history');
    await bench.database.query('CREATE TABLE aggregate (key text PRIMARY KEY)');
  });
  afterEach(() => bench.reset());
  afterAll(() => bench.close());

  /** Relays `source` while one transaction commits after another that began later; returns what the checker finds. */
  const violationsOfLateCommit = async (source: OutboxSource) => {
    const read = jest.spyOn(source, 'read');
    const relay = bench.relay(source);
    const slow = await OpenTransaction.begin(bench);
    await slow.append('slow');
    const fast = await OpenTransaction.begin(bench);
    await fast.append('fast');
    await fast.commit();
    const reads = read.mock.calls.length;
    // The first of two further reads begins after the commit and is over when the second begins.
    const readAgain = () => {
      relay.wake();
      return read.mock.calls.length >= reads + 2;
    };
    await eventually(readAgain, { within: '10s' });
    await slow.commit();
    const last = await bench.register();
    await eventually(async () => expect(await bench.keysSent()).toContain(last), { within: '10s' });
    return bench.violations();
  };

  test('loses no event of a transaction that commits after one that began later', async () => {
    expect(await violationsOfLateCommit(bench.source())).toEqual([]);
  });

  test('a cursor over a serial id loses the event of that transaction (negative control)', async () => {
    const violations = await violationsOfLateCommit(new SerialSource(bench.database, 1_000_000));
    expect(violations).toEqual([`lost event: slow 1 of ${TOPIC}/slow`]);
  });

  test('keeps the order of a key whose writers lock it before their inbox rows', async () => {
    const key = uuidv7();
    const { promise: locked, resolve } = Promise.withResolvers<void>();
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    const early = bench.database.change([key], async (tx) => {
      resolve();
      await tx.query(inboxRow());
      await eventually(async () => expect(await bench.database.query(waiting)).toHaveLength(2), { within: '10s' });
      await bench.append(tx, key);
    });
    await locked;
    await Promise.all([early, bench.register(key), bench.register(key)]);
    bench.relay(new UnverifiedSource(bench.database, 1_000_000));
    await bench.drained();
    expect(await bench.violations()).toEqual([]);
  });

  test('an inbox row before the lock of the aggregate inverts the order of its events (negative control)', async () => {
    const key = uuidv7();
    await inboxBeforeLock(bench, key);
    bench.relay(new UnverifiedSource(bench.database, 1_000_000));
    await bench.drained();
    const order = `order of ${TOPIC}/${key}`;
    expect(await bench.violations()).toEqual([`${order}: 2 came after 0`, `${order}: 1 came after 2`]);
  });
});
