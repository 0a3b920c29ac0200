/** OIDC Back-Channel Logout 2.4 recommends two minutes at most. */
const LIFETIME_S = 120;

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** Which session ended, to which client it is told. */
export interface EndedLogin {
  /** The account as the client knows it. */
  readonly subject: string;
  readonly clientId: string;
  readonly sessionId: string;
}

/** OIDC Back-Channel Logout 2.4. Never a nonce, so that it cannot pass for an ID token. */
export function logoutTokenClaims(about: EndedLogin, issued: { issuer: string; jti: string; now: Date }) {
  const iat = Math.floor(issued.now.getTime() / 1_000);
  return {
    iss: issued.issuer,
    sub: about.subject,
    aud: about.clientId,
    iat,
    exp: iat + LIFETIME_S,
    jti: issued.jti,
    sid: about.sessionId,
    events: { [LOGOUT_EVENT]: {} },
  };
}

/** OIDC Back-Channel Logout 2.8: 200; some frameworks make a 204 of it, which counts as well. */
export function tookLogout(status: number): boolean {
  return status === 200 || status === 204;
}

/** After that many attempts, over four hours or so, nobody tries any more. */
export const LOGOUT_ATTEMPTS_MAX = 16;
const FIRST_PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 3_600_000;

/**
 * The pause after the `attempts`-th attempt: doubling, and up to a half shorter by `jitter` (0 to 1), so that what failed
 * together does not come back together.
 */
export function logoutPauseMs(attempts: number, jitter: number): number {
  return Math.round(Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), PAUSE_MS_MAX) * (1 - jitter / 2));
}
