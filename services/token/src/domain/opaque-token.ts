import { hash, timingSafeEqual } from 'node:crypto';

export type OpaqueTokenKind =
  'code' | 'refresh' | 'session' | 'browser' | 'secret' | 'registration' | 'initial' | 'request' | 'device';

/** A credential of 256 random bits. The prefix lets log redaction and secret scanners recognise it. */
export function opaqueToken(kind: OpaqueTokenKind, randomBytes: Buffer): string {
  return `gh_${kind}_${randomBytes.toString('base64url')}`;
}

/**
 * What is stored of a code, refresh token, cookie or client secret. They carry 256 random bits, so one fast hash is as
 * good as a slow one, and a stolen table gives none of them away.
 */
export function hashOf(value: string): Buffer {
  return hash('sha256', value, 'buffer');
}

/** Compares in constant time. */
export function hasHash(value: string, expected: Buffer): boolean {
  return timingSafeEqual(hashOf(value), expected);
}
