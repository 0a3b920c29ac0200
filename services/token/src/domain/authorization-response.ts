import type { OAuthError } from '@gatehouse/problem';
import type { ReturnAddress } from './authorization-request.ts';

/** What a client is told, and where (RFC 6749 4.1.2). */
export interface AuthorizationResponse {
  readonly to: ReturnAddress;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The code with the client's state and the issuer (RFC 9207). */
export function codeResponse(to: ReturnAddress, code: string, issuer: string): AuthorizationResponse {
  return response(to, { code, iss: issuer });
}

/** RFC 6749 4.1.2.1. */
export function errorResponse(to: ReturnAddress, error: OAuthError, issuer: string): AuthorizationResponse {
  return response(to, { ...error.toBody(), iss: issuer });
}

/** How long a signed answer is good for, in seconds; JARM 2.1 recommends ten minutes at most. */
export const SIGNED_RESPONSE_LIFETIME_S = 120;

export function isSigned({ responseMode }: ReturnAddress): boolean {
  return responseMode.endsWith('.jwt');
}

/** The claims of a signed answer (JARM 2.1): who says it to whom, for how long, and everything that it says. */
export function signedResponseClaims({ to, parameters }: AuthorizationResponse, issuer: string, now: Date) {
  const exp = Math.floor(now.getTime() / 1_000) + SIGNED_RESPONSE_LIFETIME_S;
  return { ...parameters, iss: issuer, aud: to.clientId, exp };
}

/** What the client gets in the place of the parameters (JARM 2.3). */
export function signedResponse({ to }: AuthorizationResponse, jwt: string): AuthorizationResponse {
  return { to, parameters: { response: jwt } };
}

export function isFormPost({ responseMode }: ReturnAddress): boolean {
  return responseMode === 'form_post' || responseMode === 'form_post.jwt';
}

/** The redirect URI with the answer in its query, which keeps what was registered there, or in its fragment. */
export function responseLocation({ to, parameters }: AuthorizationResponse): string {
  const url = new URL(to.redirectUri);
  if (to.responseMode === 'fragment' || to.responseMode === 'fragment.jwt')
    url.hash = new URLSearchParams(parameters).toString();
  else for (const [name, value] of Object.entries(parameters)) url.searchParams.append(name, value);
  return url.href;
}

function response(to: ReturnAddress, answer: Readonly<Record<string, string>>): AuthorizationResponse {
  return { to, parameters: to.state === null ? answer : { ...answer, state: to.state } };
}
