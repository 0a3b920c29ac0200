/** What is known of one partition when it is assigned; null where nothing is. */
export interface KnownPosition {
  /** The position in our own database: everything before it has had its effect. */
  readonly recorded: bigint | null;
  /** An operator put the recorded position there. */
  readonly accepted: boolean;
  /** The group's committed offset in Kafka. */
  readonly committed: bigint | null;
  /** The first offset that Kafka still has. */
  readonly low: bigint;
  /** The offset of the next record to be written. */
  readonly high: bigint;
}

/** Messages may be missing, and no software can know which: an operator has to decide where to go on. */
export class OffsetLost extends Error {
  override readonly name = 'OffsetLost';

  constructor(
    readonly topic: string,
    readonly partition: number,
    what: string,
  ) {
    super(`${topic}[${partition}]: ${what}. Nothing was reset; see: gatehouse offsets accept --help`);
  }
}

/**
 * Where to start reading, or what is wrong. kafkajs would silently go to the beginning (or the end) wherever its offset
 * is missing or out of range, which skips or repeats an unknown number of messages.
 */
export function startPosition({ recorded, accepted, committed, low, high }: KnownPosition): bigint | { wrong: string } {
  if (recorded === null) {
    // The first position is committed before the first message is handled, so a crash in between leaves just that.
    if (committed === null || committed === low) return low;
    if (committed < low) return { wrong: deleted(committed, low) };
    return { wrong: `the group has committed offset ${committed}, but the database has handled nothing` };
  }
  if (!accepted && committed === null) return { wrong: `the committed offset is lost, the database is at ${recorded}` };
  if (!accepted && committed !== null && committed > recorded) {
    return { wrong: `offset ${committed} is committed, but the database has handled only what is before ${recorded}` };
  }
  if (recorded < low) return { wrong: deleted(recorded, low) };
  if (recorded > high) return { wrong: `the topic ends at ${high}, before the position ${recorded}` };
  return recorded;
}

function deleted(position: bigint, low: bigint): string {
  return `messages ${position} to ${low - 1n} were deleted before they were handled`;
}
