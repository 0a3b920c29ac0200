import { Injectable } from '@nestjs/common';
import { grantRefreshed, type TokenRequest } from '@gatehouse/contracts';
import { Database, uuidv7, type Tx } from '@gatehouse/database';
import { Outbox } from '@gatehouse/messaging';
import { OAuthError, Problem } from '@gatehouse/problem';
import { Clock } from '../../clock.ts';
import { TokenSettings } from '../../config.ts';
import { rotatesRefreshTokens, type Client } from '../../domain/client.ts';
import { certificateOf, dpopKeyOf, type Confirmation } from '../../domain/confirmation.ts';
import { hashOf } from '../../domain/opaque-token.ts';
import { decideRefresh, repeatedSuccessor, successorOf } from '../../domain/refresh-rotation.ts';
import { requestedScope } from '../../domain/scope.ts';
import type { TokenTarget } from '../../domain/token-target.ts';
import { GrantTokens, type GrantResponse } from '../../protocol/grant-tokens.ts';
import { grantKeys, Revoker } from '../../protocol/revoker.ts';
import { TokenLimits } from '../../protocol/token-limits.ts';
import { TokenTargets } from '../../protocol/token-targets.ts';
import { Grants, type Grant, type PresentedRefreshToken } from '../../store/grants.ts';
import { required, type TokenGrant, type TokenResponse } from '../token-grant.ts';

/** What one request asks of the grant. */
interface Wish {
  readonly presented: string;
  readonly client: Client;
  readonly target: TokenTarget;
  readonly confirmation: Confirmation | null;
}

/** RFC 6749 6 with rotation (RFC 9700 4.14.2): every use replaces the token, and reuse revokes the family. */
@Injectable()
export class RefreshTokenGrant implements TokenGrant {
  readonly type = 'refresh_token';

  constructor(
    private readonly grants: Grants,
    private readonly tokens: GrantTokens,
    private readonly revoker: Revoker,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly limits: TokenLimits,
    private readonly settings: TokenSettings,
    private readonly targets: TokenTargets,
    private readonly clock: Clock,
  ) {}

  async handle(request: TokenRequest, client: Client, confirmation: Confirmation | null): Promise<TokenResponse> {
    const presented = required(request, 'refresh_token');
    const grant = await this.grants.findByRefreshToken(hashOf(presented));
    if (!grant || grant.clientId !== client.id) throw refused();
    if (grant.dpopJkt !== null && grant.dpopJkt !== dpopKeyOf(confirmation)) throw refused();
    if (grant.certificateS256 !== null && grant.certificateS256 !== certificateOf(confirmation)) throw refused();
    await this.limits.refresh(grant.id, presented, client);
    const target = await this.narrow(request, client, grant);
    const wish = { presented, client, confirmation, target };
    const refreshed = await this.database.change(grantKeys(grant.id), (tx) => this.refresh(tx, wish));
    if (!refreshed) throw refused();
    return this.tokens.respond(refreshed, client);
  }

  /** A response may have less than the grant, never more; the next one starts from the grant again. */
  private narrow(request: TokenRequest, client: Client, grant: Grant): Promise<TokenTarget> {
    const scope = request.scope === undefined ? grant.scope : requestedScope(request.scope, grant.scope);
    return this.targets.of(request, client, { ...grant, scope });
  }

  /** Under the grant's lock. @returns null where the token is worth nothing; a revocation is committed with that */
  private async refresh(tx: Tx, wish: Wish): Promise<GrantResponse | null> {
    const token = await this.grants.readRefreshToken(tx, hashOf(wish.presented));
    const rules = { graceMs: this.settings.refreshGraceMs, rotates: rotatesRefreshTokens(wish.client) };
    const decision = decideRefresh(token, this.clock.now(), rules);
    if (decision === 'refuse') return null;
    if (decision === 'reuse') {
      await this.revoker.revokeGrant(tx, token.grant, 'reuse_detected');
      return null;
    }
    const refreshToken = decision === 'keep' ? wish.presented : this.successor(tx, wish.presented, token);
    return this.respondWith(tx, token.grant, wish, refreshToken, decision === 'repeat');
  }

  /** The first use adds the successor; every repeat computes the same one again. */
  private successor(tx: Tx, presented: string, token: PresentedRefreshToken): string {
    const { refreshTokenLifetimeMs, successorKeys } = this.settings;
    if (token.successorId !== null) return this.repeat(presented, token.successorId, token.successorHash);
    const id = uuidv7();
    const value = successorOf(presented, id, successorKeys[0]);
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + refreshTokenLifetimeMs);
    const successor = { id, tokenHash: hashOf(value), expiresAt };
    this.grants.replaceRefreshToken(tx, hashOf(presented), successor, now);
    return value;
  }

  /** Another instance may already use a master key that this one does not know: then the client has to ask again. */
  private repeat(presented: string, id: string, hash: Buffer | null): string {
    const value = hash && repeatedSuccessor(presented, { id, hash }, this.settings.successorKeys);
    if (value === null) throw new Problem('dependency-unavailable', { retryAfterSeconds: 1 });
    return value;
  }

  private async respondWith(
    tx: Tx,
    grant: Grant,
    { client, target, confirmation }: Wish,
    refreshToken: string,
    repeated: boolean,
  ): Promise<GrantResponse> {
    const token = this.tokens.plan(grant, client, target, confirmation);
    await this.outbox.append(tx, grantRefreshed, {
      grant_id: grant.id,
      account_id: grant.accountId,
      client_id: grant.clientId,
      jti: token.jti,
      scope: target.scope,
      audience: target.audience,
      repeated,
    });
    return { grant, token, refreshToken, nonce: null };
  }
}

/** The same text whatever is wrong, so that a thief learns nothing. */
function refused(): OAuthError {
  return new OAuthError('invalid_grant', 'the refresh token is unknown, used, expired, revoked, or of another client');
}
