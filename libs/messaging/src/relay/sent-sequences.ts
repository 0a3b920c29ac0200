import { RelayHalted } from './relay-source.ts';
import type { OutgoingRecord, SentPosition } from './relay-source.ts';

const REMEMBERED_KEYS = 50_000;

/**
 * The last sequence sent for each aggregate, of the aggregates used lately. Sequences have no gaps and the relay reads
 * in the order of the locks, so the next one must follow: an earlier one means that a writer did not take its lock
 * first, a later one that an event is missing. Both transactions were open at the same time, so recent keys suffice.
 */
export class SentSequences {
  readonly #last = new Map<string, number>();

  constructor(sent: readonly SentPosition[]) {
    for (const { topic, key, sequence } of sent) this.#remember(`${topic}\n${key}`, sequence);
  }

  /** Verifies `records` and remembers them; throws RelayHalted before any of them was sent. */
  follow(records: readonly OutgoingRecord[]): void {
    for (const { topic, key, sequence } of records) {
      if (sequence === null) continue;
      const aggregate = `${topic}\n${key}`;
      const last = this.#last.get(aggregate);
      if (last !== undefined && sequence !== last + 1) {
        throw new RelayHalted(
          `event ${sequence} of the aggregate ${key} on ${topic} would be sent after event ${last}: ` +
            'a writer did not lock the aggregate before its first write, or an event is missing. After a repair, ' +
            '`gatehouse outbox rebase --keep-position` accepts the order of what is stored',
        );
      }
      this.#remember(aggregate, sequence);
    }
  }

  #remember(aggregate: string, sequence: number): void {
    this.#last.delete(aggregate);
    this.#last.set(aggregate, sequence);
    if (this.#last.size <= REMEMBERED_KEYS) return;
    const [oldest] = this.#last.keys();
    if (oldest !== undefined) this.#last.delete(oldest);
  }
}
