import { OffsetLost } from './start-position.ts';

/** First and longest wait of a partition whose dependency is away. */
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 15_000;

/** How far one assigned partition has come in this process, and whether it waits. */
export class PartitionProgress {
  #next: bigint;
  #stored: bigint | null;
  #high: bigint;
  #waitingSince: number | undefined;
  #failures = 0;

  constructor(
    /** Without prefix. */
    readonly topic: string,
    readonly partition: number,
    position: { readonly start: bigint; readonly stored: bigint | null; readonly high: bigint },
    /** Whether Kafka knows a position of the group; without one, a later loss could not be told from a first start. */
    readonly committed: boolean,
  ) {
    this.#next = position.start;
    this.#stored = position.stored;
    this.#high = position.high;
  }

  /** The first offset that is not settled. */
  get next(): bigint {
    return this.#next;
  }

  /** Whether the database does not know yet how far this partition has come. */
  get unstored(): boolean {
    return this.#stored === null || this.#stored < this.#next;
  }

  get lagMessages(): number {
    return Math.max(0, Number(this.#high - this.#next));
  }

  /** Seconds that the oldest unsettled message has waited. */
  get lagSeconds(): number {
    if (this.lagMessages === 0 || this.#waitingSince === undefined) return 0;
    return Math.max(0, (Date.now() - this.#waitingSince) / 1_000);
  }

  /**
   * A batch has come that was fetched from `offset`. Throws OffsetLost unless that is where we stand: kafkajs went
   * elsewhere by itself, because its offset was out of range.
   */
  arrived(offset: bigint, high: bigint, firstTimestamp: number): void {
    if (offset !== this.#next) {
      throw new OffsetLost(this.topic, this.partition, `reading went on at ${offset} instead of ${this.#next}`);
    }
    this.#high = high;
    this.#waitingSince = firstTimestamp;
  }

  /** kafkajs passed over offsets up to `last` that hold no message any more; `first` is null where it saw none at all. */
  passedOver(first: bigint | null, last: bigint): void {
    const contiguous = first === null ? last === this.#next : last >= this.#next;
    if (contiguous) this.#next = last + 1n;
  }

  /** Everything before `next` is settled; `stored` where the transaction that did it also stored the position. */
  settled(next: bigint, stored: boolean): void {
    this.#next = next;
    if (stored) this.#stored = next;
  }

  stored(): void {
    this.#stored = this.#next;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** How long to wait after another failure, in milliseconds. */
  backoffMs(): number {
    this.#failures += 1;
    return Math.min(FIRST_BACKOFF_MS * 2 ** (this.#failures - 1), LONGEST_BACKOFF_MS);
  }

  /** Kafka had records in `low..high` when we stood at `nextThen`. Throws OffsetLost where that is outside. */
  observed(low: bigint, high: bigint, nextThen: bigint): void {
    if (this.#next < low) {
      const what = `messages ${this.#next} to ${low - 1n} were deleted before they were handled`;
      throw new OffsetLost(this.topic, this.partition, what);
    }
    if (nextThen > high) {
      throw new OffsetLost(this.topic, this.partition, `the topic ends at ${high}, before the position ${nextThen}`);
    }
    if (high > this.#high) this.#high = high;
    if (this.lagMessages === 0) this.#waitingSince = undefined;
    else this.#waitingSince ??= Date.now();
  }
}
