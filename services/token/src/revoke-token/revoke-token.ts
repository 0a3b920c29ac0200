import { Injectable } from '@nestjs/common';
import { tokenRevoked } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import { errors, jwtVerify } from 'jose';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import type { Client } from '../domain/client.ts';
import { hashOf } from '../domain/opaque-token.ts';
import { accessTokenRevocation, CLOCK_DIFFERENCE_MAX_S, type Revocation } from '../domain/revocation.ts';
import { KeyRing } from '../protocol/key-ring.ts';
import { grantKeys, Revoker } from '../protocol/revoker.ts';
import { SIGNING_ALGORITHM } from '../protocol/signing-key.ts';
import { Grants } from '../store/grants.ts';

/** RFC 7009: a client gives its token back. Idempotent; another client's token is as unknown as a made-up one. */
@Injectable()
export class RevokeToken {
  constructor(
    private readonly grants: Grants,
    private readonly revoker: Revoker,
    private readonly keys: KeyRing,
    private readonly database: Database,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /** Durable when it resolves; every service refuses the token within a second from then on. */
  async run(token: string, client: Client): Promise<void> {
    if (isJwt(token)) await this.revokeAccessToken(token, client);
    else await this.revokeFamily(token, client);
  }

  /** RFC 7009 2.1: with a refresh token goes its grant, and with that every access token of it. */
  private async revokeFamily(token: string, client: Client): Promise<void> {
    const grant = await this.grants.findByRefreshToken(hashOf(token));
    if (grant?.clientId !== client.id) return;
    await this.database.change(grantKeys(grant.id), (tx) => this.revoker.revokeGrant(tx, grant, 'requested'));
  }

  private async revokeAccessToken(token: string, client: Client): Promise<void> {
    const revocation = await this.revocationOf(token, client);
    if (!revocation) return;
    await this.database.change([tokenRevoked.key(revocation)], (tx) => this.revoker.revoke(tx, revocation));
  }

  /** Null where there is nothing to revoke: no token of ours, another client's, or expired by itself. */
  private async revocationOf(token: string, client: Client): Promise<Revocation | null> {
    const payload = await this.verified(token);
    if (payload?.['client_id'] !== client.id || !payload.sub || !payload.jti || !payload.exp) return null;
    const { sub, jti, exp } = payload;
    const accountId = sub === client.id ? null : sub;
    const revoked = { jti, clientId: client.id, accountId, expiresAt: new Date(exp * 1_000) };
    return accessTokenRevocation(revoked, this.clock.now());
  }

  private async verified(token: string) {
    try {
      const find = async ({ kid = '' }) => {
        const key = await this.keys.find(kid);
        if (key) return key;
        throw new errors.JWKSNoMatchingKey();
      };
      const { issuer } = this.settings;
      // What has expired here may still be taken where the clock is behind.
      const time = { currentDate: this.clock.now(), clockTolerance: CLOCK_DIFFERENCE_MAX_S };
      const expected = { algorithms: [SIGNING_ALGORITHM], typ: 'at+jwt', issuer, ...time };
      return (await jwtVerify(token, find, expected)).payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }
}

/** RFC 7519 3: only access tokens have dots. The hint of RFC 7009 2.1 could say no more. */
function isJwt(token: string): boolean {
  return token.includes('.');
}
