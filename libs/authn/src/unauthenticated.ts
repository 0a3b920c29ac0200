import { Problem } from '@gatehouse/problem';

/** No token was presented: the bare challenge of RFC 6750 3.1, without an error code. */
export function tokenMissing(): Problem {
  return new Problem('unauthenticated', {
    detail: 'Send an access token as Authorization: Bearer <token>.',
    headers: { 'www-authenticate': 'Bearer' },
  });
}

/** A token was presented and refused (RFC 6750 3.1). `reason` is public: a sentence, without quotes or token contents. */
export function invalidToken(reason: string, cause?: unknown): Problem {
  return new Problem('unauthenticated', {
    detail: reason,
    cause,
    headers: { 'www-authenticate': `Bearer error="invalid_token", error_description="${reason}"` },
  });
}
