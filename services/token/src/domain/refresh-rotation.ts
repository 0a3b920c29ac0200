import { hkdfSync } from 'node:crypto';
import { hasHash, opaqueToken } from './opaque-token.ts';

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
 * - `keep`: the same token goes on, since its client is exempt from rotation.
 * - `repeat`: a retry, or one of several parallel uses; it gets the same successor again.
 * - `reuse`: somebody holds a token that was replaced long ago; the whole family is revoked.
 * - `refuse`: it is no longer worth anything, and nothing else happens.
 */
export type RefreshDecision = 'rotate' | 'keep' | 'repeat' | 'reuse' | 'refuse';

/**
 * Rotation that never logs a good client out (RFC 9700 4.14.2): a replaced token still answers with its successor until
 * the successor's first use, which proves that the client received it, and at most for `graceMs`. A client that does not
 * rotate keeps its token, but one that was replaced before that was decided stays replaced.
 */
export function decideRefresh(
  token: RefreshTokenState,
  now: Date,
  { graceMs, rotates }: { readonly graceMs: number; readonly rotates: boolean },
): RefreshDecision {
  if (token.grantRevoked || token.expiresAt <= now) return 'refuse';
  if (!token.consumedAt) return rotates ? 'rotate' : 'keep';
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

/**
 * The key that successors are derived with: a sub-key of the master key (RFC 5869), so that neither tells anything of the
 * other uses of the master key.
 */
export function successorKeyOf(masterKey: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, '', 'gatehouse successors of refresh tokens', 32));
}

/**
 * The successor that `presented` was given before. A rotation of the master key may lie between the two within the grace
 * window, so each key is tried until one gives the successor whose hash is stored; null where none does.
 */
export function repeatedSuccessor(
  presented: string,
  successor: { readonly id: string; readonly hash: Buffer },
  keys: readonly Buffer[],
): string | null {
  const candidates = keys.map((key) => successorOf(presented, successor.id, key));
  return candidates.find((candidate) => hasHash(candidate, successor.hash)) ?? null;
}
