import { Problem } from '@gatehouse/problem';
import { eventually, FaultProxy } from '@gatehouse/testing';
import { openBench } from './database.spec-support.ts';
import type { Bench } from './database.spec-support.ts';
import { isDependencyFailure } from './failures.ts';

describe('failures of the database', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench('failures', {
      schema: `CREATE TABLE account (email text CONSTRAINT account_email UNIQUE, age int CONSTRAINT account_age CHECK (age > 0))`,
      constraints: { account_email: 'already-exists' },
    });
  });
  afterAll(() => bench.close());

  const failureOf = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  test('a violated constraint becomes the problem that its name stands for', async () => {
    await bench.database.query(`INSERT INTO account VALUES ('a@example.com', 1)`);
    const error = await failureOf(
      bench.database.change([], (tx) => tx.query(`INSERT INTO account VALUES ('a@example.com', 2)`)),
    );
    expect(error).toMatchObject({ code: 'already-exists', status: 409 });
    expect(isDependencyFailure(error)).toBe(false);
  });

  test('a constraint that has no problem stays a defect, for a fixed 500', async () => {
    const error = await failureOf(bench.database.query(`INSERT INTO account VALUES ('b@example.com', -1)`));
    expect(error).not.toBeInstanceOf(Problem);
    expect(error).toMatchObject({ constraint: 'account_age' });
  });

  test('a refused connection is dependency-unavailable, and work goes on when the server is back', async () => {
    const proxy = await FaultProxy.start({ port: Number(new URL(bench.url).port) });
    const url = Object.assign(new URL(bench.url), { host: `127.0.0.1:${proxy.port}` }).href;
    const database = await bench.open({ url });
    proxy.cut();
    await eventually(
      async () => {
        const error = await failureOf(database.query('SELECT 1'));
        expect(error).toMatchObject({ code: 'dependency-unavailable', status: 503 });
        expect(isDependencyFailure(error)).toBe(true);
      },
      { within: '5s' },
    );
    proxy.restore();
    await eventually(() => database.query('SELECT 1'), { within: '5s' });
    await database.close();
    await proxy.stop();
  });

  test('a connection cut in the middle of a transaction is not used again', async () => {
    const error = await failureOf(
      bench.database.withTransaction(async (tx) => {
        const [me] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        await bench.database.query('SELECT pg_terminate_backend($1)', [me?.pid]);
        await tx.query('SELECT 1');
      }),
    );
    expect(isDependencyFailure(error)).toBe(true);
    await expect(bench.database.query('SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
  });

  test('a transaction that sits idle is ended by the server, which would else hold every relay up', async () => {
    const [settings] = await bench.database.query<Record<string, string>>(
      `SELECT current_setting('idle_in_transaction_session_timeout') AS idle,
              current_setting('transaction_timeout') AS transaction, current_setting('statement_timeout') AS statement`,
    );
    expect(settings).toEqual({ idle: '10s', transaction: '30s', statement: '10s' });
    const error = await failureOf(
      bench.database.withTransaction(async (tx) => {
        await tx.query(`SET LOCAL idle_in_transaction_session_timeout = '50ms'`);
        await bench.database.query('SELECT pg_sleep(0.2)');
        await tx.query('SELECT 1');
      }),
    );
    expect(isDependencyFailure(error)).toBe(true);
    await expect(bench.database.query('SELECT 1')).resolves.toHaveLength(1);
  });

  test('a statement that takes too long fails as a dependency, not as the message that asked for it', async () => {
    const error = await failureOf(
      bench.database.withTransaction(async (tx) => {
        await tx.query(`SET LOCAL statement_timeout = '50ms'`);
        await tx.query('SELECT pg_sleep(5)');
      }),
    );
    expect(error).toMatchObject({ code: 'dependency-unavailable' });
  });

  test.each([
    ['a deadlock', { code: '40P01' }],
    ['a server that shuts down', { code: '57P01' }],
    ['a full disk', { code: '53100' }],
    ['a replica after a failover', { code: '25006' }],
    ['a refused connection', { code: 'ECONNREFUSED' }],
    ['any of these inside another error', new Error('outer', { cause: { driverError: { code: '08006' } } })],
    ['a full outbox', new Problem('event-backlog-full')],
  ])('%s is a failure of a dependency', (_, error) => {
    expect(isDependencyFailure(error)).toBe(true);
  });

  test.each([
    ['a unique violation', { code: '23505' }],
    ['wrong SQL', { code: '42601' }],
    ['a value that does not fit', { code: '22001' }],
    ['a refusal of the domain', new Problem('conflict')],
    ['a defect', new TypeError('x is undefined')],
    ['something thrown that is no error', 'no'],
  ])('%s is a failure of the work itself', (_, error) => {
    expect(isDependencyFailure(error)).toBe(false);
  });
});
