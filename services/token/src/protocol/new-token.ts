import { randomBytes, randomInt } from 'node:crypto';
import { opaqueToken, type OpaqueTokenKind } from '../domain/opaque-token.ts';
import { USER_CODE_LENGTH, USER_CODE_LETTERS } from '../domain/user-code.ts';

/** A fresh code, refresh token or cookie value. */
export function newToken(kind: OpaqueTokenKind): string {
  return opaqueToken(kind, randomBytes(32));
}

/** The letters of a fresh user code (RFC 8628 6.1). */
export function newUserCode(): string {
  return Array.from({ length: USER_CODE_LENGTH }, () => USER_CODE_LETTERS.charAt(randomInt(USER_CODE_LETTERS.length))).join(''); // prettier-ignore
}
