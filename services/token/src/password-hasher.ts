import { hash, verify } from '@node-rs/argon2';
import { Problem } from '@gatehouse/problem';

/** OWASP's recommendation for argon2id: 19 MiB, two passes, one lane; 22 ms on a core. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const RETRY_AFTER_SECONDS = 1;

/** The PHC string of a password; characters that look the same count as the same (NFC). */
export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFC'), COST);
}

export interface PasswordHasherLimits {
  /** Hashes computed at the same time. Each keeps a thread of Node's pool busy, which signing needs too. */
  readonly concurrency: number;
  /** Hashes that may wait; one more is refused. */
  readonly queue: number;
}

/** Argon2id in a bounded pool, so that a storm of logins costs neither all memory nor everybody else's answers. */
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly nobody: Promise<string>;

  constructor(private readonly limits: PasswordHasherLimits) {
    this.nobody = hashPassword('the account that does not exist');
  }

  /** As `hashPassword`. @throws Problem overloaded, with Retry-After, when the queue is full */
  hash(password: string): Promise<string> {
    return this.run(() => hashPassword(password));
  }

  /**
   * Whether it is the password of `stored`. Without one it takes as long and is false, so that nobody can tell by the
   * time whether an account exists.
   * @throws Problem overloaded, with Retry-After, when the queue is full
   */
  verify(stored: string | null, password: string): Promise<boolean> {
    return this.run(
      async () => (await verify(stored ?? (await this.nobody), password.normalize('NFC'))) && stored !== null,
    );
  }

  /** A slot is handed from whoever leaves to whoever waits longest, so the count never passes the limit. */
  private async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < this.limits.concurrency) this.running += 1;
    else await this.enqueue();
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }

  private enqueue(): Promise<void> {
    if (this.waiting.length >= this.limits.queue)
      throw new Problem('overloaded', { retryAfterSeconds: RETRY_AFTER_SECONDS });
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
