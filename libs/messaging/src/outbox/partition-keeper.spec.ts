import { eventually } from '@gatehouse/testing';
import { RelayBench } from '../relay/relay.spec-support.ts';
import { PartitionKeeper } from './partition-keeper.ts';

const DAY_MS = 86_400_000;
/** Long over, so that only what it holds keeps it. */
const OLD = 'outbox_20200101';

describe('partitions of the outbox', () => {
  let bench: RelayBench;
  let keeper: PartitionKeeper;
  beforeAll(async () => {
    bench = await RelayBench.open('partitions');
    keeper = new PartitionKeeper(bench.database);
  });
  afterEach(async () => {
    await bench.database.query(`DROP TABLE IF EXISTS ${OLD}`);
    await bench.reset();
  });
  afterAll(() => bench.close());

  const partitions = async () => {
    const rows = await bench.database.query<{ name: string }>(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'outbox'::regclass ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  };
  const createOld = () =>
    bench.database.query(`CREATE TABLE ${OLD} PARTITION OF outbox FOR VALUES FROM ('2020-01-01Z') TO ('2020-01-02Z')`);
  const insertOld = `INSERT INTO outbox (created_at, topic, key, headers)
    VALUES ('2020-01-01T12:00:00Z', 'token.accounts', 'old', '{}')`;

  test('exist for a week ahead, and the later ones are read by the same index', async () => {
    const before = await partitions();
    expect(before).toHaveLength(8);
    await keeper.keep(new Date(Date.now() + DAY_MS));
    const after = await partitions();
    expect(after.slice(0, 8)).toEqual(before);
    expect(after).toHaveLength(9);
    const indexes = await bench.database.query(`SELECT FROM pg_inherits WHERE inhparent = 'outbox_order'::regclass`);
    expect(indexes).toHaveLength(9);
  });

  test('are created while somebody inserts, without waiting for them', async () => {
    const last = (await partitions())[7] ?? '';
    await bench.database.query(`DROP TABLE ${last}`);
    const writer = await bench.database.connect('writer');
    await writer.query('BEGIN');
    await writer.query(`INSERT INTO outbox (topic, key, headers) VALUES ('t', 'open', '{}')`);
    await keeper.keep();
    expect(await partitions()).toContain(last);
    await writer.query('ROLLBACK');
    await writer.end();
  });

  test('that hold an unsent row are never dropped, however old', async () => {
    await createOld();
    await bench.database.query(insertOld);
    await keeper.keep();
    expect(await partitions()).toContain(OLD);
    expect(await bench.database.query(`SELECT key FROM outbox`)).toEqual([{ key: 'old' }]);
  });

  test('that are sent but not 24 hours old stay, for a rebase', async () => {
    const [today = ''] = await partitions();
    await bench.activeRelay();
    await bench.register();
    await bench.drained();
    await keeper.keep();
    expect(await partitions()).toContain(today);
  });

  test('that are wholly sent and old go', async () => {
    await createOld();
    await bench.database.query(insertOld);
    await bench.activeRelay();
    await bench.drained();
    await eventually(() => keeper.keep(), { within: '10s' });
    expect(await partitions()).not.toContain(OLD);
  });

  test('are not dropped while somebody inserts into them, and nobody is made to wait for long', async () => {
    await createOld();
    const writer = await bench.database.connect('writer');
    await writer.query('BEGIN');
    await writer.query(insertOld);
    const dropped = keeper.keep();
    const started = performance.now();
    await bench.register();
    expect(performance.now() - started).toBeLessThan(5_000);
    await expect(dropped).rejects.toMatchObject({ code: 'dependency-unavailable' });
    await writer.query('COMMIT');
    await writer.end();
    await keeper.keep();
    expect(await partitions()).toContain(OLD);
  });

  test('dropped for their age alone, they take unsent events with them', async () => {
    await createOld();
    await bench.database.query(insertOld);
    await bench.database.query(`DROP TABLE ${OLD}`);
    expect(await bench.source().backlog()).toEqual({ rows: 0, oldestAgeSeconds: 0 });
  });
});
