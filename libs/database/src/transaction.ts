import type { Writable } from 'node:stream';
import { log } from '@gatehouse/telemetry';
import type pg from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

/** A statement that each connection parses and plans once, known to the server by `name`. */
export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
}
export type Sql = string | PreparedStatement;

/** One open transaction. It ends with the function it was given to; nothing may be kept of it. */
export interface Tx {
  /** Runs one statement; bigint and xid8 values come back as strings, json parsed. */
  query<R = Record<string, unknown>>(sql: Sql, parameters?: readonly unknown[]): Promise<R[]>;
  /** Sends one statement whose result nobody needs, without waiting for it; where it fails, the transaction does. */
  send(sql: Sql, parameters?: readonly unknown[]): void;
  /** TypeORM inside this transaction. */
  readonly manager: EntityManager;
  /** The keys whose advisory locks this transaction has held since its start. */
  readonly locked: ReadonlySet<string>;
  /** Runs `callback` after a successful commit, in the order of registration, before the caller gets its result. */
  afterCommit(callback: () => void | Promise<void>): void;
}

export class Transaction implements Tx {
  readonly locked: ReadonlySet<string>;
  readonly #dataSource: DataSource;
  readonly #client: pg.PoolClient;
  readonly #callbacks: (() => void | Promise<void>)[] = [];
  readonly #sent: Promise<unknown>[] = [];
  #runner: QueryRunner | undefined;

  constructor(dataSource: DataSource, client: pg.PoolClient, locked: ReadonlySet<string>) {
    this.#dataSource = dataSource;
    this.#client = client;
    this.locked = locked;
  }

  query<R = Record<string, unknown>>(sql: Sql, parameters: readonly unknown[] = []): Promise<R[]> {
    return runStatement<R>(this.#client, sql, parameters);
  }

  send(sql: Sql, parameters: readonly unknown[] = []): void {
    this.expect(runStatement(this.#client, sql, parameters));
  }

  /** Makes the transaction fail where `statement` does. */
  expect(statement: Promise<unknown>): void {
    statement.catch(() => undefined); // -- `sent` tells
    this.#sent.push(statement);
  }

  /** Rejects with the first failure of what was sent: what came after it failed only because of it. */
  async sent(): Promise<void> {
    for (const statement of this.#sent) await statement;
  }

  get manager(): EntityManager {
    this.#runner ??= adoptConnection(this.#dataSource, this.#client);
    return this.#runner.manager;
  }

  afterCommit(callback: () => void | Promise<void>): void {
    this.#callbacks.push(callback);
  }

  /** Runs the callbacks. The change is committed whatever they do, so a failing one is logged and the others go on. */
  async committed(): Promise<void> {
    for (const callback of this.#callbacks) {
      try {
        await callback();
      } catch (error) {
        log('database').error({ err: error }, 'after_commit_failed');
      }
    }
  }
}

/** Runs one statement on `client` and returns its rows. */
export async function runStatement<R>(client: pg.ClientBase, sql: Sql, parameters: readonly unknown[]): Promise<R[]> {
  const values = [...parameters];
  gatherWrites(client);
  const { rows } = await (typeof sql === 'string' ? client.query(sql, values) : client.query({ ...sql, values }));
  return rows as R[];
}

/**
 * Lets whatever is sent on `client` before the event loop turns leave in one system call, each of which costs as much as
 * some statements do: BEGIN with the first one, and COMMIT with the last ones.
 */
export function gatherWrites(client: pg.ClientBase): void {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection; // -- not in the types of pg
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/** A TypeORM query runner over a connection whose transaction we opened ourselves, so that it opens none. */
function adoptConnection(dataSource: DataSource, client: pg.PoolClient): QueryRunner {
  const runner = dataSource.createQueryRunner();
  return Object.assign(runner, { databaseConnection: client, isTransactionActive: true, transactionDepth: 1 });
}
