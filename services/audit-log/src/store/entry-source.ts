import { auditEntries, auditEntryRecorded } from '@gatehouse/contracts';
import type { Database } from '@gatehouse/database';
import { encodeHeaders } from '@gatehouse/messaging';
import type { Backlog, OutgoingRecord, ReadBatch, RelaySource, SentPosition } from '@gatehouse/messaging';
import type pg from 'pg';

/** The record of one entry. */
interface EntryRecord extends OutgoingRecord {
  readonly sequence: number;
}

interface EntryRow {
  readonly log_id: string;
  readonly sequence: string;
  readonly recorded: Date;
  readonly leaf_hash: Buffer;
  readonly entry: Buffer;
}

/**
 * What Kafka does not have yet, log after log, beginning behind the one that was served last so that a busy log cannot
 * starve the others. An entry that can be seen has no gap before it: the counter is locked until the commit.
 */
const READ = {
  name: 'audit-publish-read',
  text: `
    SELECT unpublished.*
    FROM audit_log log
    CROSS JOIN LATERAL (
      SELECT log_id, sequence::text, recorded, leaf_hash, entry FROM audit_entry
      WHERE log_id = log.log_id AND sequence > log.published
      ORDER BY audit_entry.sequence LIMIT $1
    ) unpublished
    WHERE log.published < log.sequence
    ORDER BY (log.log_id > $2) DESC, log.log_id, unpublished.sequence::bigint
    LIMIT $1`,
};

/** Locks the counters in the same order as the writer does. */
const MARK = {
  name: 'audit-publish-mark',
  text: `
    WITH sent AS (
      SELECT * FROM unnest($1::text[], $2::bigint[]) AS sent (log_id, sequence)
    ), locked AS (
      SELECT log_id FROM audit_log WHERE log_id = ANY ($1) ORDER BY log_id FOR UPDATE
    )
    UPDATE audit_log log SET published = greatest(log.published, sent.sequence)
    FROM sent JOIN locked USING (log_id)
    WHERE log.log_id = sent.log_id`,
};

const BACKLOG_SQL = `
  SELECT coalesce(sum(log.sequence - log.published), 0)::int8::text AS rows,
         coalesce(extract(epoch FROM clock_timestamp() - min(entry.recorded)), 0)::float8 AS age
  FROM audit_log log
  JOIN audit_entry entry ON entry.log_id = log.log_id AND entry.sequence = log.published + 1
  WHERE log.published < log.sequence`;

/** The entries as the source of a relay: its position is a sequence in each log instead of one in the outbox. */
export class EntrySource implements RelaySource<EntryRecord> {
  readonly name = 'audit-entries';
  #batch: readonly EntryRecord[] = [];
  #servedLast = '';

  constructor(private readonly database: Pick<Database, 'query'>) {}

  async open(connection: pg.Client): Promise<SentPosition[]> {
    // A mark that a crash of the server loses costs duplicates, which carry the same sequence.
    await connection.query('SET synchronous_commit = off');
    const { rows } = await connection.query<{ log_id: string; published: string }>(
      'SELECT log_id, published::text FROM audit_log WHERE published > 0 ORDER BY recorded DESC LIMIT 10000',
    );
    return rows.map(({ log_id, published }) => ({
      topic: auditEntries.name,
      key: log_id,
      sequence: Number(published),
    }));
  }

  async read(connection: pg.Client, limit: number): Promise<ReadBatch<EntryRecord>> {
    const { rows } = await connection.query<EntryRow>({ ...READ, values: [limit, this.#servedLast] });
    this.#batch = rows.map(recordOf);
    return { records: this.#batch, waiting: false };
  }

  async mark(connection: pg.Client, last: EntryRecord): Promise<void> {
    const sent = this.#batch.slice(0, this.#batch.indexOf(last) + 1);
    const positions = new Map(sent.map(({ key, sequence }) => [key, sequence]));
    await connection.query({ ...MARK, values: [[...positions.keys()], [...positions.values()]] });
    this.#servedLast = last.key;
  }

  async backlog(): Promise<Backlog> {
    const [behind] = await this.database.query<{ rows: string; age: number }>(BACKLOG_SQL);
    return { rows: Number(behind?.rows ?? 0), oldestAgeSeconds: Math.max(behind?.age ?? 0, 0) };
  }
}

const BEFORE_ENTRY = Buffer.from('{"entry":');

function recordOf({ log_id: log, sequence, recorded, leaf_hash, entry }: EntryRow): EntryRecord {
  const context = {
    actor_kind: 'service',
    actor_id: 'audit-log',
    request_id: null,
    ip: null,
    user_agent: null,
  } as const;
  const envelope = { id: `${log}:${sequence}`, event: auditEntryRecorded, service: 'audit-log', key: log } as const;
  return {
    topic: auditEntries.name,
    key: log,
    // The members in canonical order around the exact bytes of the leaf, so that a reader can cut them out unchanged.
    value: Buffer.concat([BEFORE_ENTRY, entry, Buffer.from(`,"leaf_hash":"${leaf_hash.toString('base64url')}"}`)]),
    headers: {
      ...encodeHeaders({ ...envelope, context, trace: {} }),
      ce_time: recorded.toISOString(),
      ce_sequence: sequence,
    },
    sequence: Number(sequence),
  };
}
