import { eventually } from '@gatehouse/testing';
import type { Database } from './database.ts';
import { openBench } from './database.spec-support.ts';
import type { Bench } from './database.spec-support.ts';
import { advisoryKeys } from './advisory-lock.ts';

const xidSql = 'SELECT pg_current_xact_id_if_assigned()::text AS xid';

describe('a change', () => {
  let bench: Bench;
  let database: Database;
  beforeAll(async () => {
    bench = await openBench('change', { schema: 'CREATE TABLE thing (id text PRIMARY KEY, version int NOT NULL)' });
    database = bench.database;
  });
  afterAll(() => bench.close());

  const versionOf = async (id: string) =>
    (await database.query<{ version: number }>('SELECT version FROM thing WHERE id = $1', [id]))[0]?.version;

  test('locks its keys without taking a transaction id, so that ids follow the order of the locks', async () => {
    const [row] = await database.change(['a', 'b'], (tx) => tx.query<{ xid: string | null }>(xidSql));
    expect(row?.xid).toBeNull();
  });

  test('a row lock would have taken the id already: that is why the advisory lock comes first', async () => {
    await database.query(`INSERT INTO thing VALUES ('row-lock', 1)`);
    const [row] = await database.withTransaction(async (tx) => {
      await tx.query(`SELECT FROM thing WHERE id = 'row-lock' FOR UPDATE`);
      return tx.query<{ xid: string | null }>(xidSql);
    });
    expect(row?.xid).not.toBeNull();
  });

  test('of one key runs alone: concurrent read-modify-write loses no update', async () => {
    await database.query(`INSERT INTO thing VALUES ('alone', 0)`);
    await Promise.all(Array.from({ length: 20 }, () => database.change(['alone'], (tx) => increment(tx, 'alone'))));
    expect(await versionOf('alone')).toBe(20);
  });

  test('without the lock the same work loses updates', async () => {
    await database.query(`INSERT INTO thing VALUES ('raced', 0)`);
    await Promise.all(Array.from({ length: 20 }, () => database.withTransaction((tx) => increment(tx, 'raced'))));
    expect(await versionOf('raced')).toBeLessThan(20);
  });

  test('of the same keys in another order does not deadlock, for keys are locked ascending', async () => {
    const keys = ['one', 'two', 'three', 'four'];
    const rounds = Array.from({ length: 40 }, (_, i) => (i % 2 ? keys : keys.toReversed()));
    await expect(
      Promise.all(rounds.map((order) => database.change(order, () => Promise.resolve()))),
    ).resolves.toHaveLength(40);
  });

  test('locked in the order of arrival the same keys deadlock', async () => {
    const [first, second] = advisoryKeys(['one', 'two']);
    const lockBoth = (a: unknown, b: unknown) =>
      database.withTransaction(async (tx) => {
        await tx.query(`SELECT pg_advisory_xact_lock(${String(a)})`);
        await tx.query('SELECT pg_sleep(0.1)');
        await tx.query(`SELECT pg_advisory_xact_lock(${String(b)})`);
      });
    const results = await Promise.allSettled([lockBoth(first, second), lockBoth(second, first)]);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  });

  test('that throws leaves nothing behind and runs no callback', async () => {
    const called: string[] = [];
    const failed = database.change(['x'], async (tx) => {
      tx.afterCommit(() => void called.push('committed'));
      await tx.query(`INSERT INTO thing VALUES ('undone', 1)`);
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await versionOf('undone')).toBeUndefined();
    expect(called).toEqual([]);
  });

  test('runs its callbacks in order after the commit, before the caller goes on', async () => {
    const seen: unknown[] = [];
    await database.change(['x'], async (tx) => {
      await tx.query(`INSERT INTO thing VALUES ('done', 7)`);
      tx.afterCommit(async () => void seen.push(await versionOf('done')));
      tx.afterCommit(() => void seen.push('second'));
    });
    expect(seen).toEqual([7, 'second']);
  });

  test('is reported as committed even where a callback fails, and the other callbacks run', async () => {
    const seen: string[] = [];
    const result = await database.change(['x'], (tx) => {
      tx.afterCommit(() => Promise.reject(new Error('a defect')));
      tx.afterCommit(() => void seen.push('second'));
      return Promise.resolve('committed');
    });
    expect([result, ...seen]).toEqual(['committed', 'second']);
  });

  test('whose statement failed unheard is not reported as committed', async () => {
    const swallowed = database.change(['x'], async (tx) => {
      await tx.query(`INSERT INTO thing VALUES ('lost', 1)`);
      await tx.query('SELECT 1 / 0').catch(() => undefined);
    });
    await expect(swallowed).rejects.toThrow('rolled back');
    expect(await versionOf('lost')).toBeUndefined();
  });

  test('is not committed where a statement fails that was sent without waiting, and its caller hears of that one', async () => {
    const failed = database.change(['x'], async (tx) => {
      tx.send(`INSERT INTO thing VALUES ('sent', 1)`);
      tx.send(`INSERT INTO thing VALUES ('sent', 'not a number')`);
      await tx.query('SELECT 1').catch(() => undefined);
      tx.send(`INSERT INTO thing VALUES ('later', 1)`);
    });
    await expect(failed).rejects.toThrow(/invalid input syntax for type integer/);
    expect(await versionOf('sent')).toBeUndefined();
    expect(await versionOf('later')).toBeUndefined();
  });

  test('that does not get its lock leaves nothing of what was sent behind it', async () => {
    const [key] = advisoryKeys(['held']);
    const holder = await database.connect('holder');
    await holder.query(`SELECT pg_advisory_lock(${key})`);
    const waiting = database.change(['held'], (tx) => tx.query(`INSERT INTO thing VALUES ('unlocked', 1)`));
    const refused = expect(waiting).rejects.toMatchObject({ code: 'dependency-unavailable' });
    const cancel = `SELECT pg_cancel_backend(pid) AS done FROM pg_stat_activity WHERE wait_event = 'advisory'`;
    await eventually(async () => expect((await database.query(cancel)).length).toBeGreaterThan(0), { within: '10s' });
    await refused;
    await holder.end();
    expect(await versionOf('unlocked')).toBeUndefined();
  });

  test('PostgreSQL itself answers such a commit without an error', async () => {
    const client = await database.connect('negative control');
    await client.query('BEGIN');
    await client.query('SELECT 1 / 0').catch(() => undefined);
    await expect(client.query('COMMIT')).resolves.toMatchObject({ command: 'ROLLBACK' });
    await client.end();
  });
});

async function increment(tx: { query: Database['query'] }, id: string): Promise<void> {
  const [thing] = await tx.query<{ version: number }>('SELECT version FROM thing WHERE id = $1', [id]);
  await tx.query('UPDATE thing SET version = $2 WHERE id = $1', [id, (thing?.version ?? 0) + 1]);
}
