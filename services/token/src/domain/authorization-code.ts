import { OAuthError } from '@gatehouse/problem';
import type { Client } from './client.ts';
import type { AuthenticationContext } from './authentication-context.ts';
import type { AuthorizationDetail } from './authorization-details.ts';
import type { ClaimsRequest } from '@gatehouse/contracts';
import { provesChallenge } from './pkce.ts';
import { hasEnded } from './session-end.ts';

/** RFC 6749 4.1.2 recommends at most ten minutes; OAuth 2.1 clients need seconds. */
export const CODE_LIFETIME_MS = 60_000;

/** What a code stands for. The grant does not exist before the exchange, but its id is fixed. */
export interface AuthorizationCode extends AuthenticationContext {
  readonly grantId: string;
  readonly clientId: string;
  readonly accountId: string;
  /** Of the account at the login; an exchange of an outdated code gives tokens that are revoked. */
  readonly accountVersion: number;
  readonly sessionId: string;
  /** When the session ends with which the grant ends; null where the grant outlives it. */
  readonly sessionEndsAt: Date | null;
  readonly redirectUri: string;
  /** Null where the request had none: then the exchange must not have a verifier either (PKCE downgrade, RFC 9700 4.8.2). */
  readonly codeChallenge: string | null;
  readonly dpopJkt: string | null;
  readonly claims: ClaimsRequest | null;
  readonly scope: readonly string[];
  readonly resources: readonly string[];
  readonly authorizationDetails: readonly AuthorizationDetail[];
  readonly nonce: string | null;
  readonly authenticatedAt: Date;
  readonly expiresAt: Date;
  readonly consumedAt: Date | null;
}

export interface CodeProof {
  readonly redirectUri: string | undefined;
  readonly codeVerifier: string | undefined;
  /** The key that the request proved (RFC 9449 10); null without a proof. */
  readonly dpopJkt: string | null;
}

/**
 * RFC 6749 4.1.3 and RFC 7636 4.6. A used code answers `replay` only to the client that it belongs to, with the right
 * redirect URI and verifier: what the first use gave is then revoked, and a stranger with a stolen code revokes nothing.
 * @throws OAuthError invalid_grant, with the same text whatever is wrong
 */
export function decideExchange(
  code: AuthorizationCode | null,
  client: Client,
  proof: CodeProof,
  now: Date,
): { decision: 'exchange' | 'replay'; code: AuthorizationCode } {
  if (!code || !belongsTo(code, client, proof)) throw codeRefused();
  if (code.consumedAt) return { decision: 'replay', code };
  if (code.expiresAt <= now || hasEnded(code.sessionEndsAt, now)) throw codeRefused();
  return { decision: 'exchange', code };
}

export function codeRefused(): OAuthError {
  return new OAuthError('invalid_grant', 'the code is unknown, used, expired, or not for this request');
}

function belongsTo(
  code: AuthorizationCode,
  client: Client,
  { redirectUri, codeVerifier, dpopJkt }: CodeProof,
): boolean {
  return (
    code.clientId === client.id &&
    namesRedirect(code, redirectUri) &&
    (code.dpopJkt === null || code.dpopJkt === dpopJkt) &&
    provesPossession(codeVerifier, code.codeChallenge)
  );
}

/**
 * RFC 6749 4.1.3 has the redirect URI again at the exchange. OAuth 2.1 10.2 does not, since PKCE proves more; so only where
 * there is a challenge it may be left out, and never be another one.
 */
function namesRedirect({ redirectUri, codeChallenge }: AuthorizationCode, named: string | undefined): boolean {
  return named === undefined ? codeChallenge !== null : named === redirectUri;
}

/** RFC 9700 4.8.2: a verifier for a code without a challenge means that somebody took the challenge away. */
function provesPossession(verifier: string | undefined, challenge: string | null): boolean {
  if (challenge === null) return verifier === undefined;
  return verifier !== undefined && provesChallenge(verifier, challenge);
}
