import type { Secret } from '@gatehouse/config';
import { createTransport, type NodemailerError } from 'nodemailer';
import { DeliveryFailed, Mailer, type OutgoingMail } from './mailer.ts';

export interface SmtpOptions {
  readonly url: Secret;
  readonly from: string;
  readonly connections: number;
  /** For each of: connecting, the greeting, and every answer. */
  readonly timeoutMs: number;
}

/** RFC 5321 to one configured server, over a few connections that are kept open. */
export class SmtpMailer extends Mailer {
  readonly deadlineMs: number;
  readonly #transport;
  readonly #messageIdDomain: string;

  constructor(private readonly options: SmtpOptions) {
    super();
    const { url, connections, timeoutMs } = options;
    // Connecting, the greeting, EHLO and AUTH, the envelope, the message: each may take its time, all of them no more.
    this.deadlineMs = 5 * timeoutMs;
    this.#messageIdDomain = options.from.replace(/^.*@|>$/g, '');
    this.#transport = createTransport({
      pool: true,
      url: url.reveal(),
      maxConnections: connections,
      // A pool that puts a mail back by itself sends it twice without our knowing when an answer is lost.
      maxRequeues: 0,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      dnsTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send({ id, to, subject, text, html }: OutgoingMail): Promise<void> {
    try {
      await this.#transport.sendMail({
        from: this.options.from,
        // As an object it cannot be read as a list of addresses.
        to: { name: '', address: to },
        messageId: `<${id}@${this.#messageIdDomain}>`,
        headers: { 'Auto-Submitted': 'auto-generated' }, // RFC 3834 5: nobody's holiday answers this
        subject,
        text,
        html,
        signal: AbortSignal.timeout(this.deadlineMs),
      });
    } catch (error) {
      throw deliveryFailed(error);
    }
  }

  async greet(): Promise<void> {
    try {
      await this.#transport.verify();
    } catch (error) {
      throw deliveryFailed(error);
    }
  }

  close(): void {
    this.#transport.close();
  }
}

function deliveryFailed(error: unknown): DeliveryFailed {
  const { command, responseCode, code = 'ERROR' } = error as NodemailerError; // -- nodemailer rejects with nothing else
  return new DeliveryFailed({ command, reply: responseCode || undefined }, code);
}
