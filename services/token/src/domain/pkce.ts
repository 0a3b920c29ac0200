import { createHash, timingSafeEqual } from 'node:crypto';

/** RFC 7636 4.2: the base64url SHA-256 of a verifier. */
export function isS256Challenge(challenge: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(challenge);
}

/** RFC 7636 4.1 and 4.6: whether `verifier` is well formed and is the one that `challenge` was made from. */
export function provesChallenge(verifier: string, challenge: string): boolean {
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) return false;
  const expected = Buffer.from(challenge, 'base64url');
  return expected.length === 32 && timingSafeEqual(createHash('sha256').update(verifier).digest(), expected);
}
