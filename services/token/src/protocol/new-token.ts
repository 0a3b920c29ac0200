import { randomBytes } from 'node:crypto';
import { opaqueToken, type OpaqueTokenKind } from '../domain/opaque-token.ts';

/** A fresh code, refresh token or cookie value. */
export function newToken(kind: OpaqueTokenKind): string {
  return opaqueToken(kind, randomBytes(32));
}
