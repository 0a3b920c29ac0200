import { advisoryKey, attachPartition, partitionsOf } from '@gatehouse/database';
import type { Database, Tx } from '@gatehouse/database';
import { log } from '@gatehouse/telemetry';
import { partitionEnd, partitionsAhead } from './partitions.ts';

const TABLE = 'outbox';
const HOUR_MS = 3_600_000;
const RETRY_MS = 60_000;
/** Sent rows stay at least this long, for a rebase that sends them again. */
const RETENTION_MS = 24 * HOUR_MS;

/** Creates the outbox's partitions ahead of time and drops those that are sent and old. */
export class PartitionKeeper {
  readonly #database: Database;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps partitions now and then every hour; what failed is tried again in a minute. */
  async start(): Promise<void> {
    let nextMs = HOUR_MS;
    try {
      await this.keep();
    } catch (error) {
      nextMs = RETRY_MS;
      log('outbox').warn({ err: error }, 'outbox_partitions_failed');
    }
    if (!this.#stopped) this.#timer = setTimeout(() => void this.start(), nextMs).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /**
   * Creates and drops what is due `at` a time, by default the database's own time: rows get their time from there, and
   * the clock of a host that runs ahead would have the partition of today dropped. Does nothing while another replica
   * is at it.
   */
  async keep(at?: Date): Promise<void> {
    const now = at ?? (await this.#databaseTime());
    const existing = await partitionsOf(this.#database, TABLE);
    const missing = partitionsAhead(TABLE, now).filter(({ name }) => !existing.includes(name));
    for (const partition of missing) await this.#alone((tx) => attachPartition(tx, TABLE, partition));
    for (const name of existing) {
      const end = partitionEnd(TABLE, name);
      if (end && end.getTime() + RETENTION_MS < now.getTime()) await this.#alone((tx) => dropIfSent(tx, name));
    }
  }

  async #databaseTime(): Promise<Date> {
    const [row] = await this.#database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    if (!row) throw new Error('the database does not tell the time');
    return row.now;
  }

  async #alone(work: (tx: Tx) => Promise<void>): Promise<void> {
    await this.#database.withTransaction(async (tx) => {
      const [lock] = await tx.query<{ locked: boolean }>(
        `SELECT pg_try_advisory_xact_lock(${advisoryKey('outbox partitions')}) AS locked`,
      );
      if (!lock?.locked) return;
      // Whoever waits for a table lock makes everybody behind it wait too.
      await tx.query(`SET LOCAL lock_timeout = '200ms'`);
      await work(tx);
    });
  }
}

/** Nobody can insert or be inserting once both locks are held, so what is seen then is all there is. */
async function dropIfSent(tx: Tx, name: string): Promise<void> {
  await tx.query(`LOCK TABLE ONLY ${TABLE} IN ACCESS EXCLUSIVE MODE`);
  await tx.query(`LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE`);
  const [unsent] = await tx.query<{ exists: boolean }>(
    `SELECT EXISTS (
       SELECT FROM ${name} part, outbox_cursor cursor
       WHERE cursor.shard = $1 AND (part.xid, part.id) > (cursor.xid, cursor.id)
     ) AS exists`,
    [TABLE],
  );
  if (!unsent?.exists) await tx.query(`DROP TABLE ${name}`);
}
