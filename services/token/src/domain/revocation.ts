import type { DataOf, tokenRevoked } from '@gatehouse/contracts';
import { ACCESS_TOKEN_LIFETIME_S } from './token-claims.ts';

export type Revocation = DataOf<typeof tokenRevoked>;

/** How far the clocks of two instances may differ, in seconds: a token may expire that much later than one thinks. */
const CLOCK_DIFFERENCE_MAX_S = 60;

interface RevokedGrant {
  readonly id: string;
  readonly clientId: string;
  readonly accountId: string;
}

/** Ends a grant: every access token of it is refused, and the revocation is kept until the last one has expired. */
export function grantRevocation(grant: RevokedGrant, reason: Revocation['reason'], now: Date): Revocation {
  const lastExpiryMs = now.getTime() + (ACCESS_TOKEN_LIFETIME_S + CLOCK_DIFFERENCE_MAX_S) * 1_000;
  return {
    scope: 'grant',
    id: grant.id,
    client_id: grant.clientId,
    account_id: grant.accountId,
    reason,
    revoked_at: now.toISOString(),
    expires_at: new Date(lastExpiryMs).toISOString(),
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

/** Ends one access token. */
export function accessTokenRevocation(token: RevokedAccessToken, now: Date): Revocation {
  return {
    scope: 'jti',
    id: token.jti,
    client_id: token.clientId,
    account_id: token.accountId,
    reason: 'requested',
    revoked_at: now.toISOString(),
    expires_at: token.expiresAt.toISOString(),
  };
}
