import type { TokenRequest } from '@gatehouse/contracts';
import { OAuthError } from '@gatehouse/problem';
import { mayUse, type Client } from '../domain/client.ts';
import type { Confirmation } from '../domain/confirmation.ts';
import type { TokenGrant, TokenResponse } from './token-grant.ts';

/** The token endpoint (RFC 6749 3.2), after the client is authenticated. */
export class IssueToken {
  private readonly grants: ReadonlyMap<string, TokenGrant>;

  constructor(grants: readonly TokenGrant[]) {
    this.grants = new Map(grants.map((grant) => [grant.type, grant]));
  }

  /** @throws OAuthError */
  async run(request: TokenRequest, client: Client, confirmation: Confirmation | null): Promise<TokenResponse> {
    const { grant_type } = request;
    if (grant_type === undefined) throw new OAuthError('invalid_request', 'grant_type is missing');
    const grant = this.grants.get(grant_type);
    if (!grant) throw new OAuthError('unsupported_grant_type');
    if (!mayUse(client, grant.type)) throw new OAuthError('unauthorized_client', `not registered for ${grant.type}`);
    return grant.handle(request, client, confirmation);
  }
}
