import type { DeliveryFailure } from '../domain/delivery.ts';
import type { MailContent } from '../flows.ts';

export interface OutgoingMail extends MailContent {
  /** Made into the Message-ID, the same for every attempt. */
  readonly id: string;
  /** Exactly one mailbox. */
  readonly to: string;
}

/** A mail was not taken. The server's words stay out of it, because they usually repeat the address. */
export class DeliveryFailed extends Error {
  override readonly name = 'DeliveryFailed';

  constructor(
    readonly failure: DeliveryFailure,
    /** The mail library's own name for what happened, e.g. `ETIMEDOUT`. */
    readonly code: string,
  ) {
    super([code, failure.command, failure.reply].filter((part) => part !== undefined).join(' '));
  }
}

/** The way out for mail. */
export abstract class Mailer {
  /** Longest time that `send` takes, in milliseconds. */
  abstract readonly deadlineMs: number;
  /**
   * Resolves when the server has taken responsibility for the mail. Throws `DeliveryFailed`; where its failure has no
   * reply, the server may have the mail all the same.
   */
  abstract send(mail: OutgoingMail): Promise<void>;
  /** Greets the server and logs in; throws `DeliveryFailed`. */
  abstract greet(): Promise<void>;
  abstract close(): void;
}
