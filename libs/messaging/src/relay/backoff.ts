/** Waiting times that double from the first to the longest. */
export class Backoff {
  readonly #firstMs: number;
  readonly #longestMs: number;
  #nextMs: number;

  constructor(firstMs: number, longestMs: number) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
    this.#nextMs = firstMs;
  }

  /** How many milliseconds to wait now. */
  next(): number {
    const now = this.#nextMs;
    this.#nextMs = Math.min(now * 2, this.#longestMs);
    return now;
  }

  reset(): void {
    this.#nextMs = this.#firstMs;
  }
}
