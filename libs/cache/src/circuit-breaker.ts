export interface CircuitBreakerOptions {
  /** This many failures in a row open the circuit. */
  readonly failuresMax: number;
  /** How long it stays open before one call may try again. */
  readonly openMs: number;
  readonly now?: () => number;
}

/** A call that was not made because the circuit is open. */
export class CircuitOpen extends Error {
  override readonly name = 'CircuitOpen';
}

/**
 * Closed: calls go through. Open: calls fail at once, so that a server in trouble gets no load and callers no delay.
 * After `openMs` one call is let through as a probe; its success closes the circuit, its failure opens it again.
 */
export class CircuitBreaker {
  #failures = 0;
  #openedAt: number | undefined;
  #probing = false;

  constructor(private readonly options: CircuitBreakerOptions) {}

  get open(): boolean {
    return this.#openedAt !== undefined;
  }

  /** Runs `call`; only errors for which `isFailure` holds count against the circuit. Throws `CircuitOpen`. */
  async run<T>(call: () => Promise<T>, isFailure: (error: unknown) => boolean): Promise<T> {
    const probe = this.#admit();
    try {
      const result = await call();
      this.#close();
      return result;
    } catch (error) {
      if (isFailure(error)) this.#fail(probe);
      else this.#close();
      throw error;
    } finally {
      if (probe) this.#probing = false;
    }
  }

  /** Whether this call is the probe of a half-open circuit. */
  #admit(): boolean {
    if (this.#openedAt === undefined) return false;
    if (this.#probing || this.#now() - this.#openedAt < this.options.openMs)
      throw new CircuitOpen('the circuit is open');
    this.#probing = true;
    return true;
  }

  #close(): void {
    this.#failures = 0;
    this.#openedAt = undefined;
  }

  #fail(probe: boolean): void {
    this.#failures += 1;
    if (probe || this.#failures >= this.options.failuresMax) this.#openedAt = this.#now();
  }

  #now(): number {
    return (this.options.now ?? (() => performance.now()))();
  }
}
