import { Injectable } from '@nestjs/common';
import { auditEntriesRead, auditRead, auditReadAll } from '@gatehouse/contracts';
import { PermissionDenied } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { Problem } from '@gatehouse/problem';
import { logOf, organizationOf } from '../domain/log-id.ts';
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

  /**
   * Throws `not-found` for an entry that is not there and for one of a log that the caller may not read alike; the second
   * is recorded as a denial.
   */
  async run({ log, sequence, organizationId }: Asked) {
    if (organizationId !== undefined && logOf(organizationId) !== log) throw denied(log);
    const found = await this.reader.find(log, sequence);
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

/** Of the permission that would open that log; whether the caller belongs to its organisation was not asked. */
function denied(log: string): PermissionDenied {
  const organizationId = organizationOf(log);
  const permission = organizationId === null ? auditReadAll : auditRead;
  return new PermissionDenied(permission.name, organizationId, { hidden: true });
}
