interface Place {
  /** As the broker names it. */
  readonly topic: string;
  readonly partition: number;
}

/** The end of every partition as it was at one moment, and which of these ends have been reached since. */
export class Frontier {
  readonly #ends = new Map<string, bigint>();

  /** The partition holds records in `low..high`; an empty one is nothing to wait for. */
  expect(place: Place, low: bigint, high: bigint): void {
    if (high > low) this.#ends.set(nameOf(place), high);
  }

  /** Everything before `next` has been read. */
  reached(place: Place, next: bigint): void {
    const end = this.#ends.get(nameOf(place));
    if (end !== undefined && next >= end) this.#ends.delete(nameOf(place));
  }

  get passed(): boolean {
    return this.#ends.size === 0;
  }
}

function nameOf({ topic, partition }: Place): string {
  return `${topic} ${partition}`;
}
