import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { listTokenGrants, tokenGrantRead, type InputOf, type TokenGrantResource } from '@gatehouse/contracts';
import { Endpoint, Input, isUuid, pageRequest, type ListPage } from '@gatehouse/http';
import { Clock } from '../clock.ts';
import { Grants, type Grant } from '../store/grants.ts';

@Controller()
export class ListTokenGrants {
  constructor(
    private readonly grants: Grants,
    private readonly clock: Clock,
  ) {}

  @Endpoint(listTokenGrants)
  @RequirePermission(tokenGrantRead)
  async handle(@Input() { query }: InputOf<typeof listTokenGrants>): Promise<ListPage<TokenGrantResource>> {
    const of = { accountId: query.account_id, clientId: query.client_id };
    const { items, next_cursor } = await this.grants.listLive(of, pageRequest(query, isUuid), this.clock.now());
    return { items: items.map(resourceOf), next_cursor };
  }
}

function resourceOf(grant: Grant): TokenGrantResource {
  return {
    id: grant.id,
    account_id: grant.accountId,
    client_id: grant.clientId,
    session_id: grant.sessionId,
    scope: [...grant.scope],
    resources: [...grant.resources],
    authorization_details: [...grant.authorizationDetails],
    authenticated_at: grant.authenticatedAt.toISOString(),
    expires_at: grant.expiresAt.toISOString(),
  };
}
