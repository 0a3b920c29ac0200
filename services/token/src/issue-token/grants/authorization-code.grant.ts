import { Injectable } from '@nestjs/common';
import { grantCreated, type TokenRequest } from '@gatehouse/contracts';
import { Database, uuidv7, type Tx } from '@gatehouse/database';
import { Outbox } from '@gatehouse/messaging';
import { Clock } from '../../clock.ts';
import { TokenSettings } from '../../config.ts';
import { codeRefused, decideExchange, type AuthorizationCode } from '../../domain/authorization-code.ts';
import { isPublic, mayUse, type Client } from '../../domain/client.ts';
import { dpopKeyOf, type Confirmation } from '../../domain/confirmation.ts';
import { hashOf } from '../../domain/opaque-token.ts';
import { narrowAudience, requestedResources } from '../../domain/resource-indicators.ts';
import { GrantTokens, type GrantResponse } from '../../protocol/grant-tokens.ts';
import { newToken } from '../../protocol/new-token.ts';
import { grantKeys, Revoker } from '../../protocol/revoker.ts';
import { TokenLimits } from '../../protocol/token-limits.ts';
import { AuthorizationCodes } from '../../store/authorization-codes.ts';
import { Grants, type Grant } from '../../store/grants.ts';
import { required, type TokenGrant, type TokenResponse } from '../token-grant.ts';

/** RFC 6749 4.1.3 with PKCE (RFC 7636 4.5): a code becomes a grant, once. */
@Injectable()
export class AuthorizationCodeGrant implements TokenGrant {
  readonly type = 'authorization_code';

  constructor(
    private readonly codes: AuthorizationCodes,
    private readonly grants: Grants,
    private readonly tokens: GrantTokens,
    private readonly revoker: Revoker,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly limits: TokenLimits,
    private readonly settings: TokenSettings,
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
    const audience = this.audienceOf(request, client, code);
    const granted = await this.database.change(grantKeys(code.grantId), async (tx) => {
      const first = decision === 'exchange' && (await this.codes.consume(tx, codeHash, this.clock.now()));
      if (first) return this.createGrant(tx, code, client, { audience, confirmation });
      await this.revoker.revokeGrant(tx, { ...code, id: code.grantId }, 'reuse_detected');
      return null;
    });
    if (!granted) throw codeRefused();
    return this.tokens.respond(granted, client);
  }

  private audienceOf(request: TokenRequest, client: Client, code: AuthorizationCode): string[] {
    const { issuer, resources } = this.settings;
    return narrowAudience(requestedResources(request.resource ?? [], client, resources), code.resources, issuer);
  }

  private async createGrant(
    tx: Tx,
    code: AuthorizationCode,
    client: Client,
    { audience, confirmation }: { audience: string[]; confirmation: Confirmation | null },
  ): Promise<GrantResponse> {
    const { grantId: id, clientId, accountId, accountVersion, sessionId } = code;
    const { scope, resources, authenticatedAt, acr, amr, claims } = code;
    const expiresAt = new Date(this.clock.now().getTime() + this.settings.grantLifetimeMs);
    const of = { clientId, accountId, accountVersion, sessionId };
    const about = { ...of, scope, resources, authenticatedAt, acr, amr, claims };
    const dpopJkt = isPublic(client) ? dpopKeyOf(confirmation) : null;
    const grant: Grant = { ...about, id, expiresAt, dpopJkt };
    await this.grants.add(tx, grant);
    const refreshToken = mayUse(client, 'refresh_token') ? await this.addRefreshToken(tx, grant) : undefined;
    const token = this.tokens.plan(grant, client, { scope, audience, confirmation });
    await this.outbox.append(tx, grantCreated, {
      grant_id: id,
      account_id: accountId,
      client_id: clientId,
      session_id: sessionId,
      jti: token.jti,
      scope: [...scope],
      audience,
      refreshable: refreshToken !== undefined,
    });
    return { grant, token, refreshToken, nonce: code.nonce };
  }

  private async addRefreshToken(tx: Tx, grant: Grant): Promise<string> {
    const value = newToken('refresh');
    const idleEndMs = this.clock.now().getTime() + this.settings.refreshTokenLifetimeMs;
    const expiresAt = new Date(Math.min(idleEndMs, grant.expiresAt.getTime()));
    await this.grants.addRefreshToken(tx, grant.id, { id: uuidv7(), tokenHash: hashOf(value), expiresAt });
    return value;
  }
}
