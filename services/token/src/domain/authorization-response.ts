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

/** The redirect URI with the answer in its query, which keeps what was registered there, or in its fragment. */
export function responseLocation({ to, parameters }: AuthorizationResponse): string {
  const url = new URL(to.redirectUri);
  if (to.responseMode === 'fragment') url.hash = new URLSearchParams(parameters).toString();
  else for (const [name, value] of Object.entries(parameters)) url.searchParams.append(name, value);
  return url.href;
}

function response(to: ReturnAddress, answer: Readonly<Record<string, string>>): AuthorizationResponse {
  return { to, parameters: to.state === null ? answer : { ...answer, state: to.state } };
}
