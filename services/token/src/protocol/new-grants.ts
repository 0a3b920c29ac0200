import { Injectable } from '@nestjs/common';
import { grantCreated } from '@gatehouse/contracts';
import { uuidv7, type Tx } from '@gatehouse/database';
import { Outbox } from '@gatehouse/messaging';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import { typesOf } from '../domain/authorization-details.ts';
import { isPublic, mayUse, type Client } from '../domain/client.ts';
import { certificateOf, dpopKeyOf, type Confirmation } from '../domain/confirmation.ts';
import { hashOf } from '../domain/opaque-token.ts';
import { endOfGrant } from '../domain/session-end.ts';
import type { TokenTarget } from '../domain/token-target.ts';
import { Grants, type Grant } from '../store/grants.ts';
import { GrantTokens, type GrantResponse } from './grant-tokens.ts';
import { newToken } from './new-token.ts';

/** What the exchange adds to what the person agreed to. */
export interface GrantExchange {
  readonly client: Client;
  readonly target: TokenTarget;
  readonly confirmation: Confirmation | null;
  readonly nonce: string | null;
}

/** What a person agreed to, as it is read with the end of their session. */
export type AgreedGrant = Omit<Grant, 'expiresAt' | 'dpopJkt' | 'certificateS256'> & {
  /** Null where the grant outlives it. */
  readonly sessionEndsAt: Date | null;
};

/** Makes what a person agreed to a grant, with its first tokens. */
@Injectable()
export class NewGrants {
  constructor(
    private readonly grants: Grants,
    private readonly tokens: GrantTokens,
    private readonly outbox: Outbox,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /** The transaction holds the lock of the grant's id. */
  async create(tx: Tx, { sessionEndsAt, ...agreed }: AgreedGrant, exchange: GrantExchange): Promise<GrantResponse> {
    const { client, target, confirmation, nonce } = exchange;
    const ownEnd = new Date(this.clock.now().getTime() + this.settings.grantLifetimeMs);
    const dpopJkt = isPublic(client) ? dpopKeyOf(confirmation) : null;
    const certificateS256 = isPublic(client) ? certificateOf(confirmation) : null;
    const grant: Grant = { ...agreed, expiresAt: endOfGrant(ownEnd, sessionEndsAt), dpopJkt, certificateS256 };
    // Stored is its own end, because a new login may give the session more time.
    this.grants.add(tx, { ...grant, expiresAt: ownEnd });
    const refreshToken = mayUse(client, 'refresh_token') ? this.addRefreshToken(tx, grant.id) : undefined;
    const token = this.tokens.plan(grant, client, target, confirmation);
    await this.outbox.append(tx, grantCreated, {
      grant_id: grant.id,
      account_id: grant.accountId,
      client_id: grant.clientId,
      session_id: grant.sessionId,
      jti: token.jti,
      scope: [...grant.scope],
      audience: target.audience,
      ...typesOf(grant.authorizationDetails),
      refreshable: refreshToken !== undefined,
    });
    return { grant, token, refreshToken, nonce };
  }

  private addRefreshToken(tx: Tx, grantId: string): string {
    const value = newToken('refresh');
    const expiresAt = new Date(this.clock.now().getTime() + this.settings.refreshTokenLifetimeMs);
    this.grants.addRefreshToken(tx, grantId, { id: uuidv7(), tokenHash: hashOf(value), expiresAt });
    return value;
  }
}
