import { log } from '@gatehouse/telemetry';
import { pauseMs } from '../domain/delivery.ts';
import { Mailer } from './mailer.ts';

const BACKOFF = { firstMs: 500, maxMs: 30_000 };

/**
 * Whether the mail server as a whole is there. While it is away the queue is held: no message is taken from it, so none
 * is charged with a failure that is not its own.
 */
export class MailServer {
  #failures = 0;
  #askAgainAt = 0;
  #question: Promise<boolean> | undefined;

  constructor(
    private readonly mailer: Mailer,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** True unless the server was away when it was last asked; asks again when the pause is over. */
  async available(): Promise<boolean> {
    if (this.#failures === 0) return true;
    return this.now() >= this.#askAgainAt && (await this.ask());
  }

  /** Greets the server now; callers that come meanwhile share the answer. */
  ask(): Promise<boolean> {
    this.#question ??= this.#greet().finally(() => (this.#question = undefined));
    return this.#question;
  }

  async #greet(): Promise<boolean> {
    try {
      await this.mailer.greet();
      if (this.#failures > 0) log('mail').info('mail_server_back');
      this.#failures = 0;
      return true;
    } catch (error) {
      this.#failures += 1;
      this.#askAgainAt = this.now() + pauseMs(this.#failures, BACKOFF, Math.random());
      log('mail').warn({ reason: String(error), failures: this.#failures }, 'mail_server_away');
      return false;
    }
  }
}
