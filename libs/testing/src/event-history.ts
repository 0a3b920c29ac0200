/** An event that its producer committed. */
export interface CommittedEvent {
  readonly id: string;
  /** The events of one stream (topic and key) have an order. */
  readonly stream: string;
  /** Position within the stream from 1 on; null for a fact, which has no order. */
  readonly sequence: number | null;
}

/** What was promised, what was committed, and what came of it. */
export interface EventHistory {
  /** What callers were told to be done, e.g. `grant:ID`. */
  readonly acknowledged: Iterable<string>;
  /** What the producers' databases hold, in the same words. */
  readonly committed: ReadonlySet<string>;
  readonly events: readonly CommittedEvent[];
  /** The events that took effect at a consumer, by id, in the order of their effects; an id twice is a double effect. */
  readonly effects: readonly string[];
}

/**
 * The backbone's claim, checked: at-least-once delivery, exactly-once effect, in order per key. Returns one sentence
 * for each violation; an empty list says that nothing was lost, doubled or reordered.
 */
export function violationsOf({ acknowledged, committed, events, effects }: EventHistory): string[] {
  const violations: string[] = [];
  for (const promise of acknowledged)
    if (!committed.has(promise)) violations.push(`lost change: ${promise} was acknowledged`);
  const known = new Map(events.map((event) => [event.id, event]));
  const seen = new Set<string>();
  const reached = new Map<string, number>();
  for (const id of effects) {
    const event = known.get(id);
    if (!event) violations.push(`unknown event: ${id} took effect and was never committed`);
    else if (seen.has(id)) violations.push(`double effect: ${id}`);
    else if (event.sequence !== null) {
      const before = reached.get(event.stream) ?? 0;
      if (event.sequence !== before + 1)
        violations.push(`order of ${event.stream}: ${event.sequence} came after ${before}`);
      reached.set(event.stream, event.sequence);
    }
    seen.add(id);
  }
  for (const { id, stream } of events) if (!seen.has(id)) violations.push(`lost event: ${id} of ${stream}`);
  return violations;
}
