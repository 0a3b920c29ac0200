import { Injectable } from '@nestjs/common';
import { auditEntriesRead } from '@gatehouse/contracts';
import { Outbox } from '@gatehouse/messaging';
import { Problem } from '@gatehouse/problem';
import { logOf } from '../domain/log-id.ts';
import { EntryReader } from '../store/entry-reader.ts';

interface Asked {
  readonly log: string;
  readonly sequence: number;
  /** The organisation that the caller may read; undefined: every log. */
  readonly organizationId: string | undefined;
}

/** Opens one entry with its personal values, and leaves word that somebody did. */
@Injectable()
export class ReadEntry {
  constructor(
    private readonly reader: EntryReader,
    private readonly outbox: Outbox,
  ) {}

  /** Throws `not-found` for an entry that is not there and for one of a log that the caller may not read alike. */
  async run({ log, sequence, organizationId }: Asked) {
    const permitted = organizationId === undefined || logOf(organizationId) === log;
    const found = permitted ? await this.reader.find(log, sequence) : undefined;
    if (!found) throw new Problem('not-found');
    await this.outbox.record(auditEntriesRead, {
      operation: 'detail',
      organization_id: organizationId ?? null,
      log,
      filters: { sequence: String(sequence) },
      results: 1,
    });
    return found;
  }
}
