import type { AuditEntry, DisclosedValue } from '@gatehouse/contracts';
import type { Position } from '../domain/cursor.ts';

/** Joined by AND; every one matches exactly. */
export interface EntryFilter {
  readonly log?: string | undefined;
  readonly actorId?: string | undefined;
  readonly targetKind?: string | undefined;
  readonly targetId?: string | undefined;
  readonly action?: string | undefined;
  readonly outcome?: AuditEntry['outcome'] | undefined;
  readonly eventType?: string | undefined;
  readonly traceId?: string | undefined;
  readonly requestId?: string | undefined;
  /** Inclusive, ISO 8601. */
  readonly recordedFrom?: string | undefined;
  /** Exclusive, ISO 8601. */
  readonly recordedBefore?: string | undefined;
}

export interface EntryPage {
  readonly order: 'asc' | 'desc';
  /** Only entries behind this one, in that order. */
  readonly after?: Position | undefined;
  readonly limit: number;
}

export interface StoredEntry extends Position {
  readonly entry: AuditEntry;
  readonly leafHash: Buffer;
}

/** Reads entries, never what is being written. */
export abstract class EntryReader {
  /**
   * Entries in the order (recorded, log, sequence). Within one log a page is stable: nothing ever appears in front of
   * an entry that was seen. Across logs an entry whose transaction is still open may appear a moment later.
   */
  abstract search(filter: EntryFilter, page: EntryPage): Promise<StoredEntry[]>;

  /** One entry with its personal values, or undefined. */
  abstract find(log: string, sequence: number): Promise<(StoredEntry & { disclosed: DisclosedValue[] }) | undefined>;
}
