import type { GrantType, issueToken, OutputOf, TokenRequest } from '@gatehouse/contracts';
import { OAuthError } from '@gatehouse/problem';
import type { Client } from '../domain/client.ts';
import type { Confirmation } from '../domain/confirmation.ts';

export type TokenResponse = OutputOf<typeof issueToken>;

/** One grant type of the token endpoint: a file here and a line in `grants.ts`. */
export interface TokenGrant {
  readonly type: GrantType;
  /**
   * @param confirmation the key that the caller proved, which its tokens are bound to; null for bearer tokens
   * @throws OAuthError as RFC 6749 5.2 says
   */
  handle(request: TokenRequest, client: Client, confirmation: Confirmation | null): Promise<TokenResponse>;
}

/** A parameter that the grant needs. */
export function required(request: TokenRequest, name: 'code' | 'refresh_token' | 'device_code'): string {
  const value = request[name];
  if (value === undefined) throw new OAuthError('invalid_request', `${name} is missing`);
  return value;
}
