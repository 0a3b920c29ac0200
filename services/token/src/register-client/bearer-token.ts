import { OAuthError } from '@gatehouse/problem';

/** The token of an Authorization header (RFC 6750 2.1); undefined where there is none. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^bearer +([\w.~+/-]+=*)$/i.exec(header ?? '')?.[1];
}

/** RFC 6750 3.1: a request without a token is told nothing but that it needs one. */
export function tokenRefused(presented: string | undefined): OAuthError {
  const challenge = presented === undefined ? 'Bearer' : 'Bearer error="invalid_token"';
  return new OAuthError('invalid_token', 'a valid token for this is required', {
    headers: { 'www-authenticate': challenge },
  });
}
