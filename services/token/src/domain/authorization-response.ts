import type { OAuthError } from '@gatehouse/problem';
import type { ReturnAddress } from './authorization-request.ts';

/** RFC 6749 4.1.2: the client's redirect URI with the code, its state and the issuer (RFC 9207). */
export function codeResponse(to: ReturnAddress, code: string, issuer: string): string {
  return withQuery(to, { code, iss: issuer });
}

/** RFC 6749 4.1.2.1. */
export function errorResponse(to: ReturnAddress, error: OAuthError, issuer: string): string {
  return withQuery(to, { ...error.toBody(), iss: issuer });
}

/** Keeps what the registered URI has in its query. */
function withQuery({ redirectUri, state }: ReturnAddress, answer: Record<string, string>): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) url.searchParams.append(name, value);
  if (state !== null) url.searchParams.append('state', state);
  return url.href;
}
