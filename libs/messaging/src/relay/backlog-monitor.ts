import type { Database } from '@gatehouse/database';
import { gauge, log } from '@gatehouse/telemetry';
import type { Backlog, RelaySource } from './relay-source.ts';

const MEASURE_INTERVAL_MS = 1_000;

const oldestAge = gauge({
  name: 'outbox_oldest_unsent_seconds',
  help: 'Age of the oldest record that Kafka does not have yet.',
  labels: ['shard'],
});
const rows = gauge({
  name: 'outbox_backlog_rows',
  help: 'Records that Kafka does not have yet, estimated.',
  labels: ['shard'],
});
const xminAge = gauge({
  name: 'outbox_xmin_age_seconds',
  help: 'How long the oldest writing transaction of the cluster has been seen while records waited, and whose it is.',
  labels: ['pid', 'database'],
});

/** Any role may see pid, database and transaction id of every session. */
const OLDEST_WRITER_SQL = `
  SELECT pid, datname AS database, backend_xid::text AS xid FROM pg_stat_activity
  WHERE backend_xid IS NOT NULL ORDER BY age(backend_xid) DESC LIMIT 1`;

interface Writer {
  readonly pid: number;
  readonly database: string;
  readonly xid: string;
}

/** Measures every second how far a source is behind Kafka, and what holds it up. */
export class BacklogMonitor {
  readonly #source: Pick<RelaySource, 'name' | 'backlog'>;
  readonly #database: Pick<Database, 'query'>;
  readonly #measured: (backlog: Backlog) => void;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #oldestWriter: (Writer & { readonly seenAt: number }) | undefined;

  constructor(
    source: Pick<RelaySource, 'name' | 'backlog'>,
    database: Pick<Database, 'query'>,
    measured: (backlog: Backlog) => void,
  ) {
    this.#source = source;
    this.#database = database;
    this.#measured = measured;
  }

  /** Measures now and then once a second. */
  async start(): Promise<void> {
    try {
      const backlog = await this.#source.backlog();
      this.#measured(backlog);
      oldestAge.set({ shard: this.#source.name }, backlog.oldestAgeSeconds);
      rows.set({ shard: this.#source.name }, backlog.rows);
      await this.#watchOldestWriter(backlog.rows > 0);
    } catch (error) {
      log('relay').warn({ err: error, shard: this.#source.name }, 'backlog_measurement_failed');
    }
    if (!this.#stopped) this.#timer = setTimeout(() => void this.start(), MEASURE_INTERVAL_MS);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** The server tells other roles' start times to nobody, so the age counts from when the transaction was first seen. */
  async #watchOldestWriter(recordsWait: boolean): Promise<void> {
    const [writer] = recordsWait ? await this.#database.query<Writer>(OLDEST_WRITER_SQL) : [];
    xminAge.reset();
    if (!writer) {
      this.#oldestWriter = undefined;
      return;
    }
    if (this.#oldestWriter?.xid !== writer.xid) this.#oldestWriter = { ...writer, seenAt: performance.now() };
    const labels = { pid: String(writer.pid), database: writer.database };
    xminAge.set(labels, (performance.now() - this.#oldestWriter.seenAt) / 1_000);
  }
}
