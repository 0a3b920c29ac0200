import type { ProblemCode } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import { log } from '@gatehouse/telemetry';
import pg from 'pg';
import { DataSource } from 'typeorm';
import type { DataSourceOptions } from 'typeorm';
import { advisoryKeys } from './advisory-lock.ts';
import { checkServer } from './boot-check.ts';
import { connectionOptions } from './connection.ts';
import type { ConnectionTarget } from './connection.ts';
import { breaksConnection, toProblem } from './failures.ts';
import { waited, watchPool } from './pool-metrics.ts';
import { gatherWrites, runStatement, Transaction } from './transaction.ts';
import type { Sql, Tx } from './transaction.ts';

export type Entities = NonNullable<DataSourceOptions['entities']>;

export interface DatabaseOptions extends ConnectionTarget {
  readonly entities: Entities;
  /** Most connections of this process, beside the few that the relay keeps for itself. */
  readonly poolSize: number;
  /** What a violated constraint means to a caller, by the constraint's name. */
  readonly constraints: Readonly<Record<string, ProblemCode>>;
}

/** The service's own PostgreSQL database: short transactions, single statements, and a pool with a bound. */
export class Database {
  readonly dataSource: DataSource;
  readonly #options: DatabaseOptions;
  #pool: pg.Pool | undefined;
  #unwatch: () => void = () => undefined;

  constructor(options: DatabaseOptions) {
    this.#options = options;
    this.dataSource = new DataSource({
      type: 'postgres',
      entities: options.entities,
      synchronize: false,
      installExtensions: false,
      poolSize: options.poolSize,
      poolErrorHandler: (error: Error) => log('database').warn({ err: error }, 'idle_connection_lost'),
      // Statements of a transaction are sent without waiting for the answer to the one before.
      extra: { ...connectionOptions(options), pipeline: true },
    });
  }

  /** Connects, and refuses a server whose settings would lose acknowledged changes or hold the relay up. */
  async open(): Promise<void> {
    await this.dataSource.initialize();
    // TypeORM types its driver's pool as any.
    const { master: pool } = this.dataSource.driver as unknown as { master: pg.Pool };
    // A connection that breaks while it is checked out raises 'error' on the client; unheard it would end the process.
    pool.on('acquire', (client) => {
      if (!client.listeners('error').includes(ignoreBrokenClient)) client.on('error', ignoreBrokenClient);
    });
    this.#pool = pool;
    this.#unwatch = watchPool(this.#options.applicationName, pool);
    try {
      await checkServer((sql) => this.query(sql));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Ends the pool when the statements under way are done. */
  async close(): Promise<void> {
    this.#unwatch();
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  /**
   * Runs `work` in one transaction that may publish events of the aggregates `keys`.
   *
   * The advisory lock of every key is taken in ascending order together with BEGIN, before anything is written: taking
   * it assigns no transaction id, so ids (and with them the relay's order) follow the order of the locks. Callbacks of
   * `tx.afterCommit` run after the commit. Throws the problem that a violated constraint means, and
   * `dependency-unavailable` where the server is away; a failed COMMIT may have happened.
   */
  async change<T>(keys: readonly string[], work: (tx: Tx) => Promise<T>): Promise<T> {
    const locks = advisoryKeys(keys).map((key) => `SELECT pg_advisory_xact_lock(${key})`);
    const begin = ['BEGIN', ...locks].join(';');
    try {
      const client = await this.#acquire();
      const tx = new Transaction(this.dataSource, client, new Set(keys));
      const result = await this.#commit(client, begin, tx, () => work(tx));
      await tx.committed();
      return result;
    } catch (error) {
      throw toProblem(error, this.#options.constraints);
    }
  }

  /** A plain transaction that publishes nothing. */
  withTransaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.change([], work);
  }

  /** One statement, in a transaction of its own. */
  async query<R = Record<string, unknown>>(sql: Sql, parameters: readonly unknown[] = []): Promise<R[]> {
    try {
      const client = await this.#acquire();
      let broken = false;
      try {
        return await runStatement<R>(client, sql, parameters);
      } catch (error) {
        broken = breaksConnection(error);
        throw error;
      } finally {
        client.release(broken);
      }
    } catch (error) {
      throw toProblem(error, this.#options.constraints);
    }
  }

  /**
   * A connection outside the pool, which the caller must end: for session locks and LISTEN. It raises 'end'
   * when it breaks.
   */
  async connect(purpose: string): Promise<pg.Client> {
    const client = new pg.Client(
      connectionOptions({ ...this.#options, applicationName: `${this.#options.applicationName} ${purpose}` }),
    );
    client.on('error', ignoreBrokenClient);
    await client.connect();
    return client;
  }

  /** BEGIN goes out with the first statement, and COMMIT with the last ones: each wait costs a turn of the event loop. */
  async #commit<T>(client: pg.PoolClient, begin: string, tx: Transaction, work: () => Promise<T>): Promise<T> {
    let broken = false;
    try {
      gatherWrites(client);
      tx.expect(client.query(begin));
      const result = await work();
      gatherWrites(client);
      const committing = client.query('COMMIT');
      const [, { command }] = await Promise.all([tx.sent(), committing]);
      // PostgreSQL answers COMMIT of a failed transaction with a rollback, and no error.
      if (command !== 'COMMIT') throw new Error('the transaction had failed and was rolled back at its commit');
      return result;
    } catch (error) {
      const first = await tx.sent().then(
        () => error,
        (cause: unknown) => cause,
      );
      broken = breaksConnection(first) || !(await rolledBack(client));
      throw first;
    } finally {
      client.release(broken);
    }
  }

  async #acquire(): Promise<pg.PoolClient> {
    const started = performance.now();
    if (!this.#pool) throw new Problem('dependency-unavailable', { cause: new Error('the database is not open yet') });
    const client = await this.#pool.connect();
    waited(this.#options.applicationName, performance.now() - started);
    return client;
  }
}

async function rolledBack(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query('ROLLBACK');
    return true;
  } catch {
    return false;
  }
}

function ignoreBrokenClient(): void {
  // The statement in flight, or the next one, fails with the same error, and its caller handles it.
}
