import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const safeRequestId = /^[\w.:-]{8,128}$/;

/** A caller's id is kept where it cannot break a log line or a header. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && safeRequestId.test(given) ? given : randomUUID();
}
