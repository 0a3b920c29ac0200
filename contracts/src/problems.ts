import { defineProblems } from './define-problem.ts';

/** Every problem Gatehouse can answer (RFC 9457); `type` on the wire is `urn:gatehouse:problem:<code>`. */
export const problems = defineProblems({
  'invalid-input': { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'A valid access token is required' },
  'permission-denied': { status: 403, title: 'The permission for this is missing' },
  'csrf-token-invalid': { status: 403, title: 'The form has expired' },
  'not-found': { status: 404, title: 'There is no such thing here' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  'request-timeout': { status: 408, title: 'The request came too slowly' },
  conflict: { status: 409, title: 'The change conflicts with the present state' },
  'already-exists': { status: 409, title: 'It exists already' },
  'verification-locked': { status: 409, title: 'Too many wrong codes were tried; use the link of the mail' },
  gone: { status: 410, title: 'It is no longer there' },
  'verification-expired': { status: 410, title: 'The code or link has expired' },
  'precondition-failed': { status: 412, title: 'The resource has changed since it was read' },
  'body-too-large': { status: 413, title: 'The request body is too large' },
  'unsupported-media-type': { status: 415, title: 'The content type is not supported' },
  unprocessable: { status: 422, title: 'The request is well formed but cannot be carried out' },
  'verification-invalid': { status: 422, title: 'The code or link is not valid' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The request headers are too large' },
  'internal-error': { status: 500, title: 'Something went wrong on our side' },
  'event-backlog-full': { status: 503, title: 'Changes are paused until events can be published again' },
  overloaded: { status: 503, title: 'The service is at its limit' },
  'dependency-unavailable': { status: 503, title: 'A part that this request needs is not available' },
  'shutting-down': { status: 503, title: 'The service is shutting down' },
});

export type ProblemCode = keyof typeof problems;
