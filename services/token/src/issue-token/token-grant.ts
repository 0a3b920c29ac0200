import type { issueToken, OutputOf, TokenRequest } from '@gatehouse/contracts';
import { OAuthError } from '@gatehouse/problem';
import type { Client, GrantType } from '../domain/client.ts';

export type TokenResponse = OutputOf<typeof issueToken>;

/** One grant type of the token endpoint: a file here and a line in `grants.ts`. */
export interface TokenGrant {
  readonly type: GrantType;
  /** @throws OAuthError as RFC 6749 5.2 says */
  handle(request: TokenRequest, client: Client): Promise<TokenResponse>;
}

/** A parameter that the grant needs. */
export function required(request: TokenRequest, name: 'code' | 'refresh_token'): string {
  const value = request[name];
  if (value === undefined) throw new OAuthError('invalid_request', `${name} is missing`);
  return value;
}
