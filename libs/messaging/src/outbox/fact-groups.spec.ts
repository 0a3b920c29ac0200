import { RelayBench } from '../relay/relay.spec-support.ts';
import { FactGroups } from './fact-groups.ts';

const row = (key: string) => ({ topic: 'token.tokens', key, headers: '{}', payload: '{}' });

describe('facts that arrive together', () => {
  let bench: RelayBench;
  beforeAll(async () => {
    bench = await RelayBench.open('fact-groups', 0);
    // One row that PostgreSQL refuses stands for whatever may be wrong with one of many.
    await bench.database.query(`ALTER TABLE outbox ADD CONSTRAINT no_poison CHECK (key NOT LIKE 'poison%')`);
  });
  afterEach(() => bench.emptyOutbox());
  afterAll(() => bench.close());

  const stored = () =>
    bench.database.query<{ key: string; xid: string }>('SELECT key, xid::text FROM outbox ORDER BY id');

  test('share one INSERT, and each is durable when its promise resolves', async () => {
    const groups = new FactGroups(bench.database);
    await Promise.all(Array.from({ length: 50 }, (_, i) => groups.add(row(`fact ${i}`))));
    const rows = await stored();
    expect(rows).toHaveLength(50);
    expect(new Set(rows.map(({ xid }) => xid)).size).toBe(1);
  });

  test('fail alone: the group is retried row by row', async () => {
    const groups = new FactGroups(bench.database);
    const keys = ['one', 'two', 'poison', 'three'];
    const results = await Promise.allSettled(keys.map((key) => groups.add(row(key))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect((await stored()).map(({ key }) => key)).toEqual(['one', 'two', 'three']);
  });

  test('in one INSERT without the retry, one bad row takes all others with it', async () => {
    const keys = ['one', 'poison', 'two'];
    const insert = bench.database.query(
      `INSERT INTO outbox (topic, key, headers, payload) SELECT 't', key, '{}', '{}' FROM unnest($1::text[]) AS key`,
      [keys],
    );
    await expect(insert).rejects.toMatchObject({ constraint: 'no_poison' });
    expect(await stored()).toEqual([]);
  });

  test('are refused, and not retried one by one, where the database is away', async () => {
    let statements = 0;
    const groups = new FactGroups({
      query: () => {
        statements += 1;
        return Promise.reject(Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' }));
      },
    });
    const results = await Promise.allSettled(['one', 'two', 'three'].map((key) => groups.add(row(key))));
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(statements).toBe(1);
  });

  test('in any number are all written', async () => {
    const groups = new FactGroups(bench.database);
    await Promise.all(Array.from({ length: 1_500 }, (_, i) => groups.add(row(`many ${i}`))));
    expect(await stored()).toHaveLength(1_500);
  });
});
