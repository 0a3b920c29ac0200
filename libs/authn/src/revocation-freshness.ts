/** How old the knowledge of a guard may be before it refuses to decide. */
const AGE_MAX_MS = 5_000;
/** Heads that were asked for and not reached yet; the oldest ones are worth nothing after `AGE_MAX_MS` anyway. */
const OPEN_QUESTIONS_MAX = 16;

export interface RevocationFreshnessOptions {
  readonly ageMaxMs?: number;
  /** Milliseconds of a monotonic clock that goes on while the process is frozen. */
  readonly now?: () => number;
}

interface Head {
  readonly number: number;
  readonly asOfMs: number;
}

/**
 * How far a guard knows the revocations, and how old that knowledge is. Revocations are numbered without gaps, and every
 * acknowledged one is at or below the head: whoever has applied everything up to a head knows all that had been
 * acknowledged when that head was asked for. That a server answers, or that nothing comes from Kafka, proves nothing.
 */
export class RevocationFreshness {
  private readonly ahead = new Set<number>();
  private complete = 0;
  private open: Head[] = [];
  private knownAsOfMs = -Infinity;
  private readonly ageMaxMs: number;
  private readonly now: () => number;

  constructor({ ageMaxMs = AGE_MAX_MS, now = () => performance.now() }: RevocationFreshnessOptions = {}) {
    this.ageMaxMs = ageMaxMs;
    this.now = now;
  }

  /** Every live revocation up to this number has been applied. */
  get completeThrough(): number {
    return this.complete;
  }

  /** Whether everything that was acknowledged 5 s ago has been applied. */
  get isFresh(): boolean {
    return this.now() - this.knownAsOfMs <= this.ageMaxMs;
  }

  /** This one has been applied; they come in any order, and again. */
  applied(number: number): void {
    if (number <= this.complete) return;
    this.ahead.add(number);
    this.advance(this.complete);
  }

  /** All live ones up to this number have been applied. */
  appliedThrough(number: number): void {
    if (number > this.complete) this.advance(number);
  }

  /** The head was `number` at `asOfMs`, or later, on this process's monotonic clock. */
  headWas(number: number, asOfMs: number): void {
    this.open = [...this.open.slice(1 - OPEN_QUESTIONS_MAX), { number, asOfMs }];
    this.settle();
  }

  /** The numbers began anew, as after a restore of the issuer's database: nothing is known any more. */
  forget(): void {
    this.ahead.clear();
    this.open = [];
    this.complete = 0;
    this.knownAsOfMs = -Infinity;
  }

  private advance(through: number): void {
    const jumped = through > this.complete;
    this.complete = through;
    while (this.ahead.delete(this.complete + 1)) this.complete++;
    if (jumped) for (const number of this.ahead) if (number <= this.complete) this.ahead.delete(number);
    this.settle();
  }

  private settle(): void {
    for (const { number, asOfMs } of this.open)
      if (number <= this.complete) this.knownAsOfMs = Math.max(this.knownAsOfMs, asOfMs);
    this.open = this.open.filter(({ number }) => number > this.complete);
  }
}
