import type pg from 'pg';
import type { Database } from '@gatehouse/database';
import { BASE64_PAYLOAD } from '../outbox/binary-payload.ts';
import { assertSameCluster, CLUSTER_IDENTITY_SQL } from './cluster.ts';
import type { ClusterIdentity, Cursor } from './cluster.ts';
import { RelayHalted } from './relay-source.ts';
import type { Backlog, OutgoingRecord, ReadBatch, RelaySource, SentPosition } from './relay-source.ts';

/** The shard of the outbox, as its cursor, lock and metrics name it. */
export const OUTBOX_SHARD = 'outbox';

/** How many of the last sent rows a relay looks at when it takes over, to know the sequences sent before its time. */
const REMEMBERED_ROWS = 10_000;

const CURSOR_SQL = `
  SELECT xid::text, id::text, ordered_from::text, system_identifier, timeline FROM outbox_cursor WHERE shard = $1`;

/**
 * Reads behind the cursor in the order (xid, id), but only below the oldest transaction that is still running: a row
 * at or above it may yet get a neighbour in front. `waiting` tells that such rows are there already.
 */
const READ = {
  name: 'outbox-read',
  text: `
    SELECT state.waiting, batch.*
    FROM (
      SELECT EXISTS (SELECT FROM outbox WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())) AS waiting
    ) state
    LEFT JOIN LATERAL (
      SELECT xid::text, id::text, created_at, topic, key, sequence::text, headers, payload
      FROM outbox
      WHERE (outbox.xid, outbox.id) > ($1::xid8, $2::bigint) AND outbox.xid < pg_snapshot_xmin(pg_current_snapshot())
      ORDER BY outbox.xid, outbox.id
      LIMIT $3
    ) batch ON true`,
};

const MARK = {
  name: 'outbox-mark',
  text: `
    UPDATE outbox_cursor SET xid = $2, id = $3, moved_at = clock_timestamp()
    WHERE shard = $1 AND xid = $4 AND id = $5
    RETURNING shard`,
};

const REMEMBER_SQL = `
  SELECT topic, key, max(sequence)::text AS sequence
  FROM (
    SELECT topic, key, sequence FROM outbox
    WHERE (xid, id) <= ($1::xid8, $2::bigint) AND xid >= $3::xid8
    ORDER BY xid DESC, id DESC LIMIT ${REMEMBERED_ROWS}
  ) sent
  WHERE sequence IS NOT NULL
  GROUP BY topic, key`;

/**
 * The oldest unsent row has an exact age; the number of rows is estimated from the last id given out, because counting
 * a long backlog every second would cost more than it tells.
 */
const BACKLOG_SQL = `
  SELECT greatest((SELECT last_value FROM outbox_id) - cursor.id, 1) AS rows, oldest.age
  FROM outbox_cursor cursor
  CROSS JOIN LATERAL (
    SELECT extract(epoch FROM clock_timestamp() - created_at)::float8 AS age FROM outbox
    WHERE (outbox.xid, outbox.id) > (cursor.xid, cursor.id)
    ORDER BY outbox.xid, outbox.id LIMIT 1
  ) oldest
  WHERE cursor.shard = $1`;

/** Rolled-back transactions use ids up too, so an estimate that would stop the service is checked by counting. */
const COUNT_SQL = `
  SELECT count(*) AS rows FROM (
    SELECT FROM outbox, outbox_cursor cursor
    WHERE cursor.shard = $1 AND (outbox.xid, outbox.id) > (cursor.xid, cursor.id) LIMIT $2
  ) unsent`;

interface OutboxRecord extends OutgoingRecord {
  readonly xid: string;
  readonly id: string;
}

interface ReadRow {
  readonly waiting: boolean;
  readonly xid: string | null;
  readonly id: string;
  readonly created_at: Date;
  readonly topic: string;
  readonly key: string;
  readonly sequence: string | null;
  readonly headers: Record<string, string>;
  readonly payload: string | null;
}

/** The outbox table as the source of a relay. */
export class OutboxSource implements RelaySource<OutboxRecord> {
  readonly name = OUTBOX_SHARD;
  readonly #database: Pick<Database, 'query'>;
  readonly #maxRows: number;
  #cursor: { xid: string; id: string; orderedFrom: bigint } = { xid: '0', id: '0', orderedFrom: 0n };

  /** From `maxRows` on the size of the backlog is counted, up to that number, instead of estimated. */
  constructor(database: Pick<Database, 'query'>, maxRows: number) {
    this.#database = database;
    this.#maxRows = maxRows;
  }

  async open(connection: pg.Client): Promise<SentPosition[]> {
    // A mark that a crash of the server loses costs duplicates, which consumers drop; waiting for the disk costs time.
    await connection.query('SET synchronous_commit = off');
    const { rows: clusters } = await connection.query<ClusterIdentity>(CLUSTER_IDENTITY_SQL);
    const { rows: cursors } = await connection.query<Cursor>(CURSOR_SQL, [this.name]);
    const [cluster] = clusters;
    const [cursor] = cursors;
    if (!cluster || !cursor) throw new RelayHalted('the cursor of the outbox is missing');
    assertSameCluster(cursor, cluster);
    await connection.query('UPDATE outbox_cursor SET system_identifier = $2, timeline = $3 WHERE shard = $1', [
      this.name,
      cluster.system_identifier,
      cluster.timeline,
    ]);
    this.#cursor = { xid: cursor.xid, id: cursor.id, orderedFrom: BigInt(cursor.ordered_from) };
    const { rows } = await connection.query<{ topic: string; key: string; sequence: string }>(REMEMBER_SQL, [
      cursor.xid,
      cursor.id,
      cursor.ordered_from,
    ]);
    return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
  }

  async read(connection: pg.Client, limit: number): Promise<ReadBatch<OutboxRecord>> {
    const values = [this.#cursor.xid, this.#cursor.id, limit];
    const { rows } = await connection.query<ReadRow>({ ...READ, values });
    return {
      waiting: rows[0]?.waiting ?? false,
      // Without unsent rows the outer join gives one row whose columns are null.
      records: rows.flatMap((row) => (row.xid === null ? [] : [this.#record({ ...row, xid: row.xid })])),
    };
  }

  async mark(connection: pg.Client, last: OutboxRecord): Promise<void> {
    const { xid, id } = this.#cursor;
    const { rowCount } = await connection.query({ ...MARK, values: [this.name, last.xid, last.id, xid, id] });
    if (rowCount !== 1) throw new Error('somebody else moved the cursor of the outbox');
    this.#cursor = { ...this.#cursor, xid: last.xid, id: last.id };
  }

  async backlog(): Promise<Backlog> {
    const [unsent] = await this.#database.query<{ rows: string; age: number }>(BACKLOG_SQL, [this.name]);
    if (!unsent) return { rows: 0, oldestAgeSeconds: 0 };
    const estimate = Number(unsent.rows);
    const rows = estimate < this.#maxRows ? estimate : await this.#count();
    return { rows, oldestAgeSeconds: Math.max(unsent.age, 0) };
  }

  async #count(): Promise<number> {
    const [counted] = await this.#database.query<{ rows: string }>(COUNT_SQL, [this.name, this.#maxRows]);
    return Number(counted?.rows ?? 0);
  }

  #record(row: ReadRow & { readonly xid: string }): OutboxRecord {
    const { xid, id, topic, key, payload } = row;
    const { [BASE64_PAYLOAD]: base64, ...stored } = row.headers;
    // A copy of an earlier message keeps that one's time.
    const headers: Record<string, string> = { ce_time: row.created_at.toISOString(), ...stored };
    const value = base64 === undefined ? payload : Buffer.from(payload ?? '', 'base64');
    if (row.sequence !== null) headers['ce_sequence'] = row.sequence;
    const ordered = row.sequence !== null && BigInt(xid) >= this.#cursor.orderedFrom;
    return { xid, id, topic, key, value, headers, sequence: ordered ? Number(row.sequence) : null };
  }
}
