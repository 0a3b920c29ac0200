import { hkdfSync } from 'node:crypto';
import { opaqueToken } from './opaque-token.ts';

/** One refresh token of a grant, as far as rotation asks. */
export interface RefreshTokenState {
  readonly expiresAt: Date;
  readonly consumedAt: Date | null;
  /** Whether the token that replaced it has itself been used. */
  readonly successorConsumed: boolean;
  readonly grantRevoked: boolean;
}

/**
 * - `rotate`: the first use.
 * - `repeat`: a retry, or one of several parallel uses; it gets the same successor again.
 * - `reuse`: somebody holds a token that was replaced long ago; the whole family is revoked.
 * - `refuse`: it is no longer worth anything, and nothing else happens.
 */
export type RefreshDecision = 'rotate' | 'repeat' | 'reuse' | 'refuse';

/**
 * Rotation that never logs a good client out (RFC 9700 4.14.2): a replaced token still answers with its successor until
 * the successor's first use, which proves that the client received it, and at most for `graceMs`.
 */
export function decideRefresh(token: RefreshTokenState, now: Date, graceMs: number): RefreshDecision {
  if (token.grantRevoked || token.expiresAt <= now) return 'refuse';
  if (!token.consumedAt) return 'rotate';
  const within = now.getTime() - token.consumedAt.getTime() <= graceMs;
  return within && !token.successorConsumed ? 'repeat' : 'reuse';
}

/**
 * The token that replaces `presented`. It is computed from what only the client holds, so that it need not be stored
 * and any instance can give the same one again to whoever still presents the old one.
 */
export function successorOf(presented: string, successorId: string, key: Buffer): string {
  const derived = hkdfSync('sha256', presented, key, `gatehouse refresh token ${successorId}`, 32);
  return opaqueToken('refresh', Buffer.from(derived));
}
