import { Injectable } from '@nestjs/common';
import { auditEntriesRead, type InputOf, type listEntries } from '@gatehouse/contracts';
import { Outbox } from '@gatehouse/messaging';
import { decodeCursor, encodeCursor } from '../domain/cursor.ts';
import { logOf } from '../domain/log-id.ts';
import { EntryReader, type EntryFilter, type StoredEntry } from '../store/entry-reader.ts';

type Query = InputOf<typeof listEntries>['query'];

/** One page of a search. */
interface Page {
  readonly entries: readonly StoredEntry[];
  readonly nextCursor: string | null;
}

/** Searches entries, and leaves word that somebody did. */
@Injectable()
export class ListEntries {
  constructor(
    private readonly reader: EntryReader,
    private readonly outbox: Outbox,
  ) {}

  /** Throws `invalid-input` for a foreign cursor, and `event-backlog-full` where the search could not be recorded. */
  async run(query: Query): Promise<Page> {
    const { cursor, limit, order } = query;
    const filter = filterOf(query);
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    // One more than asked tells whether there is a next page.
    const found = filter ? await this.reader.search(filter, { order, after, limit: limit + 1 }) : [];
    const entries = found.slice(0, limit);
    await this.outbox.record(auditEntriesRead, {
      operation: 'search',
      organization_id: query.org_id ?? null,
      log: filter?.log ?? query.log ?? null,
      filters: statedFilters(query),
      results: entries.length,
    });
    const last = found.length > limit ? entries.at(-1) : undefined;
    return { entries, nextCursor: last ? encodeCursor(last) : null };
  }
}

/** Undefined where the caller asks for another log than its permission is for: nothing can match. */
function filterOf(query: Query): EntryFilter | undefined {
  const permitted = query.org_id === undefined ? undefined : logOf(query.org_id);
  if (permitted !== undefined && query.log !== undefined && query.log !== permitted) return undefined;
  return {
    log: permitted ?? query.log,
    actorId: query.actor_id,
    targetKind: query.target_kind,
    targetId: query.target_id,
    action: query.action,
    outcome: query.outcome,
    eventType: query.event_type,
    traceId: query.trace_id,
    requestId: query.request_id,
    recordedFrom: query.recorded_from,
    recordedBefore: query.recorded_before,
  };
}

/** What was asked for, without the paging. */
function statedFilters({ cursor: _, limit: _limit, order: _order, ...filters }: Query): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filters).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
