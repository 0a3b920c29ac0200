import { Injectable } from '@nestjs/common';
import type { TokenRequest } from '@gatehouse/contracts';
import { Database, type Tx } from '@gatehouse/database';
import { Clock } from '../../clock.ts';
import { codeRefused, decideExchange, type AuthorizationCode } from '../../domain/authorization-code.ts';
import type { Client } from '../../domain/client.ts';
import { dpopKeyOf, type Confirmation } from '../../domain/confirmation.ts';
import { hashOf } from '../../domain/opaque-token.ts';
import { GrantTokens, type GrantResponse } from '../../protocol/grant-tokens.ts';
import { NewGrants, type GrantExchange } from '../../protocol/new-grants.ts';
import { grantKeys, Revoker } from '../../protocol/revoker.ts';
import { TokenLimits } from '../../protocol/token-limits.ts';
import { TokenTargets } from '../../protocol/token-targets.ts';
import { AuthorizationCodes } from '../../store/authorization-codes.ts';
import { required, type TokenGrant, type TokenResponse } from '../token-grant.ts';

/** RFC 6749 4.1.3 with PKCE (RFC 7636 4.5): a code becomes a grant, once. */
@Injectable()
export class AuthorizationCodeGrant implements TokenGrant {
  readonly type = 'authorization_code';

  constructor(
    private readonly codes: AuthorizationCodes,
    private readonly newGrants: NewGrants,
    private readonly tokens: GrantTokens,
    private readonly revoker: Revoker,
    private readonly database: Database,
    private readonly limits: TokenLimits,
    private readonly targets: TokenTargets,
    private readonly clock: Clock,
  ) {}

  async handle(request: TokenRequest, client: Client, confirmation: Confirmation | null): Promise<TokenResponse> {
    const codeHash = hashOf(required(request, 'code'));
    const proof = {
      redirectUri: request.redirect_uri,
      codeVerifier: request.code_verifier,
      dpopJkt: dpopKeyOf(confirmation),
    };
    const found = await this.codes.find(codeHash);
    await this.limits.code(found?.grantId, client);
    const { code, decision } = decideExchange(found, client, proof, this.clock.now());
    const target = await this.targets.of({ ...request, scope: undefined }, client, code);
    const granted = await this.database.change(grantKeys(code.grantId), async (tx) => {
      const first = decision === 'exchange' && (await this.codes.consume(tx, codeHash, this.clock.now()));
      if (first) return this.createGrant(tx, code, { client, target, confirmation });
      await this.revoker.revokeGrant(tx, { ...code, id: code.grantId }, 'reuse_detected');
      return null;
    });
    if (!granted) throw codeRefused();
    return this.tokens.respond(granted, client);
  }

  private createGrant(tx: Tx, code: AuthorizationCode, exchange: Omit<GrantExchange, 'nonce'>): Promise<GrantResponse> {
    const { grantId: id, clientId, accountId, accountVersion, sessionId, sessionEndsAt } = code;
    const { scope, resources, authorizationDetails, authenticatedAt, acr, amr, claims } = code;
    const of = { id, clientId, accountId, accountVersion, sessionId, sessionEndsAt };
    const agreed = { ...of, scope, resources, authorizationDetails, authenticatedAt, acr, amr, claims };
    return this.newGrants.create(tx, agreed, { ...exchange, nonce: code.nonce });
  }
}
