import { OAuthError } from '@gatehouse/problem';

/** What Gatehouse itself understands; clients may be registered for further ones that resources understand. */
export const ownScopes = ['openid', 'email', 'profile', 'offline_access'] as const;

const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/** OIDC Core 11: such a grant is for the time when the person is away, so it outlives their session. */
export function outlivesSession(scope: readonly string[]): boolean {
  return scope.includes('offline_access');
}

/**
 * The scopes that a request asks for (RFC 6749 3.3), each once. A request that names none gets none.
 * @throws OAuthError invalid_scope where the text is malformed or names one that is not in `allowed`
 */
export function requestedScope(text: string | undefined, allowed: readonly string[]): string[] {
  if (text === undefined) return [];
  if (!SCOPE.test(text)) throw new OAuthError('invalid_scope', 'scope is a list of names separated by single spaces');
  const scope = [...new Set(text.split(' '))];
  const refused = scope.filter((name) => !allowed.includes(name));
  if (refused.length > 0) throw new OAuthError('invalid_scope', `not allowed here: ${refused.join(' ')}`);
  return scope;
}
