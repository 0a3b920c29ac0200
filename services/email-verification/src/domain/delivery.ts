/** How an attempt to send failed, as far as the SMTP dialogue tells. */
export interface DeliveryFailure {
  /** The command that the answer belongs to, e.g. `RCPT TO`; undefined where the dialogue broke. */
  readonly command: string | undefined;
  /** RFC 5321 4.2; undefined where there was no answer. */
  readonly reply: number | undefined;
}

/**
 * `permanent`: this message will never be taken. `temporary`: try this message again later. `unclear`: either the mail
 * server as a whole is in trouble (then no message may suffer from it), or only the connection of this message was.
 */
export type Verdict = 'permanent' | 'temporary' | 'unclear';

/** "Service not available, closing transmission channel" (RFC 5321 3.8): about the server, whatever the command was. */
const SERVER_CLOSING = 421;

/** Only what the server says about this recipient (RCPT TO) or this message (DATA) is held against the message. */
export function judge({ command, reply }: DeliveryFailure): Verdict {
  if (reply === undefined || reply === SERVER_CLOSING) return 'unclear';
  if (command !== 'RCPT TO' && command !== 'DATA') return 'unclear';
  return reply >= 500 ? 'permanent' : 'temporary';
}

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * The pause after the `failures`-th failure in a row: doubling, and up to a half shorter by `jitter` (0 to 1), so that
 * messages that failed together do not come back together.
 */
export function pauseMs(failures: number, { firstMs, maxMs }: Backoff, jitter: number): number {
  const full = Math.min(firstMs * 2 ** Math.min(failures - 1, 30), maxMs);
  return Math.round(full * (1 - jitter / 2));
}
