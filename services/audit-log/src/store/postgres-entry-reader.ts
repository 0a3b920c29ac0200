import { Injectable } from '@nestjs/common';
import type { AuditEntry, DisclosedValue } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import { EntryReader, type EntryFilter, type EntryPage, type StoredEntry } from './entry-reader.ts';
import { openSeal } from './seal-rows.ts';

const CONDITIONS: Readonly<Record<keyof EntryFilter, string>> = {
  log: 'log_id =',
  actorId: 'actor_id =',
  targetKind: 'target_kind =',
  targetId: 'target_id =',
  action: 'action =',
  outcome: 'outcome =',
  eventType: 'event_type =',
  traceId: 'trace_id =',
  requestId: 'request_id =',
  recordedFrom: 'recorded >=',
  recordedBefore: 'recorded <',
};

const ENTRY_COLUMNS = 'log_id, sequence::text, recorded, leaf_hash, entry';

interface EntryRow {
  readonly log_id: string;
  readonly sequence: string;
  readonly recorded: Date;
  readonly leaf_hash: Buffer;
  readonly entry: Buffer;
}

@Injectable()
export class PostgresEntryReader extends EntryReader {
  constructor(private readonly database: Database) {
    super();
  }

  override async search(filter: EntryFilter, { order, after, limit }: EntryPage): Promise<StoredEntry[]> {
    const values: unknown[] = [];
    const bind = (value: unknown) => `$${values.push(value)}`;
    const conditions = (Object.keys(CONDITIONS) as (keyof EntryFilter)[])
      .filter((name) => filter[name] !== undefined)
      .map((name) => `${CONDITIONS[name]} ${bind(filter[name])}`);
    // Within a log `recorded` never decreases, so its primary key gives the same order.
    const position = filter.log === undefined ? ['recorded', 'log_id', 'sequence'] : ['sequence'];
    if (after) {
      const of: Record<string, unknown> = { recorded: after.recorded, log_id: after.log, sequence: after.sequence };
      const bound = position.map((column) => bind(of[column]));
      conditions.push(`(${position.join(', ')}) ${order === 'asc' ? '>' : '<'} (${bound.join(', ')})`);
    }
    const rows = await this.database.query<EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM audit_entry
       ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
       ORDER BY ${position.map((column) => `audit_entry.${column} ${order}`).join(', ')} LIMIT ${bind(limit)}`,
      values,
    );
    return rows.map(storedEntry);
  }

  override async find(log: string, sequence: number) {
    const place = [log, sequence];
    const [row] = await this.database.query<EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM audit_entry WHERE log_id = $1 AND sequence = $2`,
      place,
    );
    if (!row) return undefined;
    const seals = await this.database.query<{ subject: string; content: Buffer }>(
      'SELECT subject, content FROM audit_seal WHERE log_id = $1 AND sequence = $2 ORDER BY subject',
      place,
    );
    return { ...storedEntry(row), disclosed: seals.flatMap(openSeal) satisfies DisclosedValue[] };
  }
}

function storedEntry({ log_id: log, sequence, recorded, leaf_hash: leafHash, entry }: EntryRow): StoredEntry {
  return {
    log,
    sequence: Number(sequence),
    recorded: recorded.toISOString(),
    leafHash,
    entry: JSON.parse(entry.toString()) as AuditEntry, // These are bytes that placeEntry made.
  };
}
