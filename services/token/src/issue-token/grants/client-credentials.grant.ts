import { Injectable } from '@nestjs/common';
import { tokenIssued, type TokenRequest } from '@gatehouse/contracts';
import { Outbox } from '@gatehouse/messaging';
import { mayActOf, type Client } from '../../domain/client.ts';
import type { Confirmation } from '../../domain/confirmation.ts';
import { requestedScope } from '../../domain/scope.ts';
import { typesOf } from '../../domain/authorization-details.ts';
import { TokenIssuer } from '../../protocol/token-issuer.ts';
import { TokenLimits } from '../../protocol/token-limits.ts';
import { TokenTargets } from '../../protocol/token-targets.ts';
import type { TokenGrant, TokenResponse } from '../token-grant.ts';

/** RFC 6749 4.4: a token for the client itself. No state, so no transaction: the fact of it is durable before it leaves. */
@Injectable()
export class ClientCredentialsGrant implements TokenGrant {
  readonly type = 'client_credentials';

  constructor(
    private readonly issuer: TokenIssuer,
    private readonly outbox: Outbox,
    private readonly limits: TokenLimits,
    private readonly targets: TokenTargets,
  ) {}

  async handle(request: TokenRequest, client: Client, confirmation: Confirmation | null): Promise<TokenResponse> {
    await this.limits.client(client);
    // An ID token is about a person (OIDC Core 1), and here is none.
    const allowed = client.scopes.filter((name) => name !== 'openid');
    const target = await this.targets.own(request, client, requestedScope(request.scope, allowed));
    const { scope, audience, authorizationDetails } = target;
    const { id, version: clientVersion } = client;
    const about = {
      subject: id,
      clientId: id,
      clientVersion,
      scope,
      authorizationDetails,
      confirmation,
      mayAct: mayActOf(client),
    };
    const token = this.issuer.plan(about, audience);
    const response = this.issuer.issue(token);
    await this.outbox.record(tokenIssued, {
      jti: token.jti,
      client_id: client.id,
      scope,
      audience,
      ...typesOf(authorizationDetails),
      expires_at: token.expiresAt.toISOString(),
    });
    return response;
  }
}
