import { isDependencyFailure } from '@gatehouse/database';

/**
 * A server that handling needs is not available, so the same message may succeed later unchanged: its partition waits,
 * and the message is never parked. Thrown by handlers for servers that only they know, such as a mail server.
 */
export class DependencyFailure extends Error {
  override readonly name = 'DependencyFailure';
}

/** Whether waiting can help: then the partition waits. Anything else is the message's own failure. */
export function isTemporary(error: unknown): boolean {
  for (let link = error, depth = 0; link instanceof Error && depth < 8; link = link.cause, depth += 1) {
    if (link instanceof DependencyFailure) return true;
  }
  return isDependencyFailure(error);
}
