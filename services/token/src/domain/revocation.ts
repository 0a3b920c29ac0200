import type { DataOf, tokenRevoked } from '@gatehouse/contracts';
import { ACCESS_TOKEN_LIFETIME_S } from './token-claims.ts';

export type Revocation = DataOf<typeof tokenRevoked>;

/** How far the clocks of two instances may differ, in seconds: a token may expire that much later than one thinks. */
export const CLOCK_DIFFERENCE_MAX_S = 60;

function lastExpiry(now: Date): string {
  return new Date(now.getTime() + (ACCESS_TOKEN_LIFETIME_S + CLOCK_DIFFERENCE_MAX_S) * 1_000).toISOString();
}

interface RevokedGrant {
  readonly id: string;
  readonly clientId: string;
  readonly accountId: string;
}

/** Ends a grant: every access token of it is refused, and the revocation is kept until the last one has expired. */
export function grantRevocation(grant: RevokedGrant, reason: Revocation['reason'], now: Date): Revocation {
  return {
    scope: 'grant',
    id: grant.id,
    client_id: grant.clientId,
    account_id: grant.accountId,
    reason,
    revoked_at: now.toISOString(),
    expires_at: lastExpiry(now),
  };
}

interface RaisedVersion {
  readonly accountId: string;
  readonly clientId: string;
  readonly version: number;
}

/** Ends every token of an account that carries a lower version. */
export function subjectRevocation({ accountId, clientId, version }: RaisedVersion, now: Date): Revocation {
  return {
    scope: 'subject',
    id: accountId,
    client_id: clientId,
    account_id: accountId,
    reason: 'requested',
    version,
    revoked_at: now.toISOString(),
    expires_at: lastExpiry(now),
  };
}

export interface RevokedClient {
  readonly id: string;
  /** Every token of the client that carries a lower one ends. */
  readonly version: number;
}

/**
 * Ends the access tokens of a client. An instance that has not heard of it yet may go on to issue some for `keptMs`, the
 * longest that it remembers a client; they carry the lower version that it remembers, so they are refused too.
 */
export function clientRevocation(
  { id, version, keptMs }: RevokedClient & { readonly keptMs: number },
  reason: Revocation['reason'],
  now: Date,
): Revocation {
  return {
    scope: 'client',
    id,
    client_id: id,
    account_id: null,
    reason,
    version,
    revoked_at: now.toISOString(),
    expires_at: lastExpiry(new Date(now.getTime() + keptMs)),
  };
}

interface EndedSession {
  readonly id: string;
  readonly accountId: string;
  /** The client that asked for the logout. */
  readonly clientId: string;
}

/** Ends every access token of a session: those of grants with offline_access do not name it, so they go on. */
export function sessionRevocation({ id, clientId, accountId }: EndedSession, now: Date): Revocation {
  return { ...grantRevocation({ id, clientId, accountId }, 'logout', now), scope: 'session' };
}

interface RevokedAccessToken {
  readonly jti: string;
  readonly clientId: string;
  readonly accountId: string | null;
  readonly expiresAt: Date;
}

/** Ends one access token; kept until it has expired for everybody. */
export function accessTokenRevocation(token: RevokedAccessToken, now: Date): Revocation {
  return {
    scope: 'jti',
    id: token.jti,
    client_id: token.clientId,
    account_id: token.accountId,
    reason: 'requested',
    revoked_at: now.toISOString(),
    expires_at: new Date(token.expiresAt.getTime() + CLOCK_DIFFERENCE_MAX_S * 1_000).toISOString(),
  };
}

/** Whoever has the key can make tokens that expire when they like, so its revocation outlives every verifier's memory. */
const KEY_REVOCATION_KEPT_MS = 10 * 365 * 86_400_000;

/** Ends every token that a signing key has signed, and whatever a thief still signs with it. */
export function keyRevocation(kid: string, now: Date): Revocation {
  return {
    scope: 'key',
    id: kid,
    client_id: '',
    account_id: null,
    reason: 'requested',
    revoked_at: now.toISOString(),
    expires_at: new Date(now.getTime() + KEY_REVOCATION_KEPT_MS).toISOString(),
  };
}
