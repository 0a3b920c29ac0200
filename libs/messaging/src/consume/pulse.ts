const CHECK_MS = 1_000;

/** Keeps the group's membership alive while a batch is in work, however long one transaction takes. */
export class Pulse {
  readonly #timer: NodeJS.Timeout;
  #error: Error | undefined;

  /** kafkajs' own `heartbeat` sends one only when the interval has passed, so asking often costs nothing. */
  constructor(heartbeat: () => Promise<void>) {
    this.#timer = setInterval(() => {
      heartbeat().catch((error: unknown) => (this.#error ??= asError(error)));
    }, CHECK_MS);
  }

  /** Whether the group has changed: the partition may belong to somebody else by now. */
  get lost(): boolean {
    return this.#error !== undefined;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  /** Throws what made the heartbeat fail, for kafkajs to join the group again. */
  rethrow(): void {
    if (this.#error !== undefined) throw this.#error;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
