import { Injectable } from '@nestjs/common';
import type { Tx } from '@gatehouse/database';
import { killPoint } from '@gatehouse/messaging';
import { counter, durationBuckets, histogram, log } from '@gatehouse/telemetry';
import { draftConflict, draftEntry, type Draft } from '../domain/draft-entry.ts';
import type { PlacedEntry } from '../domain/place-entry.ts';
import type { ReceivedEvent } from '../domain/received-event.ts';
import { EntryPublication } from '../store/entry-publication.ts';
import { EntryWriter } from '../store/entry-writer.ts';
import { newSalt } from './salts.ts';

const recordedTotal = counter({ name: 'audit_entries_recorded_total', help: 'Entries written.', labels: ['outcome'] });
const conflicts = counter({
  name: 'audit_conflicting_events_total',
  help: 'Events that had the id of an earlier one and other content: a defect or an attack. Alarm on any.',
});
const delay = histogram({
  name: 'audit_entry_delay_seconds',
  help: "From the event's time to its entry's.",
  buckets: durationBuckets,
});

/** Writes one entry for each event, once, however often the event arrives. */
@Injectable()
export class RecordEntries {
  constructor(
    private readonly writer: EntryWriter,
    private readonly publication: EntryPublication,
  ) {}

  /** Entries of one log stand in the order of `events`. Everything happens in `tx`, or not at all. */
  async run(tx: Tx, events: readonly ReceivedEvent[]): Promise<void> {
    const drafts = await this.#unrecorded(tx, events);
    if (drafts.length === 0) return;
    const placed = await this.writer.append(tx, drafts);
    killPoint('before-commit');
    tx.afterCommit(() => {
      this.publication.wake();
      placed.forEach(measure);
    });
  }

  /** Drafts of what has no entry yet; an event that contradicts an earlier one becomes an entry that says so. */
  async #unrecorded(tx: Tx, events: readonly ReceivedEvent[]): Promise<Draft[]> {
    const drafts = events.map((event) => draftEntry(event, newSalt));
    const claims = await this.writer.claim(tx, drafts);
    if (!claims.includes('conflict')) return drafts.filter((_, at) => claims[at] === 'new');
    const resolved = events.map((event, at) =>
      claims[at] === 'conflict' ? draftConflict(event, newSalt) : drafts[at]!,
    );
    const contradicting = resolved.filter((_, at) => claims[at] === 'conflict');
    const again = await this.writer.claim(tx, contradicting);
    const unknown = new Set(contradicting.filter((_, at) => again[at] === 'new'));
    for (const { identity } of unknown) alarm(identity);
    return resolved.filter((draft, at) => claims[at] === 'new' || unknown.has(draft));
  }
}

function alarm({ source, id }: Draft['identity']): void {
  conflicts.inc();
  log('audit').error({ source, event_id: id }, 'audit_conflicting_event');
}

function measure({ draft, recorded }: PlacedEntry): void {
  recordedTotal.inc({ outcome: draft.body.outcome });
  delay.observe(Math.max(0, recorded.getTime() - Date.parse(draft.body.occurred)) / 1_000);
}
