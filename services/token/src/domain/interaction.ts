import { OAuthError } from '@gatehouse/problem';
import type { AuthorizationRequest } from './authorization-request.ts';
import { essentialAcrValues } from './claims-request.ts';
import { supportedAcrValues } from './authentication-context.ts';

/** What the person has to do before the client gets its answer; `answer` where nothing is left. */
export type Interaction = 'login' | 'consent' | 'answer';

/** A login, as far as the decision asks. */
export interface Login {
  readonly accountId: string;
  readonly authenticatedAt: Date;
}

/** Where a request stands. */
export interface Progress {
  /** Null where nobody is logged in in this browser. */
  readonly login: Login | null;
  /** When the request came: a login or consent since then was made for it. */
  readonly requestedAt: Date;
  /** What the account has allowed the client so far; null for a first-party client, which needs no consent. */
  readonly consentedScope: readonly string[] | null;
  readonly now: Date;
}

/**
 * OIDC Core 3.1.2.3 and 3.1.2.4. With `prompt=none` the person is never asked: the error says what they would have been
 * asked (3.1.2.6).
 * @throws OAuthError login_required, consent_required, account_selection_required, unmet_authentication_requirements
 */
export function decideInteraction(request: AuthorizationRequest, progress: Progress): Interaction {
  requireReachableAcr(request);
  const silent = request.prompt.includes('none');
  if (needsLogin(request, progress)) {
    if (silent) throw new OAuthError('login_required');
    return 'login';
  }
  if (needsConsent(request, progress)) {
    if (silent) throw new OAuthError('consent_required');
    return 'consent';
  }
  return 'answer';
}

function needsLogin(request: AuthorizationRequest, { login, requestedAt, now }: Progress): boolean {
  if (!login) return true;
  if (request.hintedAccountId !== null && request.hintedAccountId !== login.accountId) return true;
  if (login.authenticatedAt >= requestedAt) return false;
  if (request.prompt.includes('login') || request.prompt.includes('select_account')) return true;
  return request.maxAgeS !== null && now.getTime() - login.authenticatedAt.getTime() > request.maxAgeS * 1_000;
}

function needsConsent(request: AuthorizationRequest, { consentedScope }: Progress): boolean {
  if (request.prompt.includes('consent')) return true;
  if (consentedScope === null) return false;
  // What was allowed in detail was allowed once (RFC 9396 11).
  return request.authorizationDetails.length > 0 || !request.scope.every((name) => consentedScope.includes(name));
}

/** OIDC Core 5.5.1.1: an authentication context that no login here can reach is refused before anyone is asked. */
function requireReachableAcr(request: AuthorizationRequest): void {
  const essential = essentialAcrValues(request.claims);
  if (essential && !essential.some((value) => supportedAcrValues.includes(String(value))))
    throw new OAuthError('unmet_authentication_requirements', 'no login here reaches the essential acr');
}
