import { Injectable } from '@nestjs/common';
import { uuidv7 } from '@gatehouse/database';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import { tokenTypeOf } from '../domain/confirmation.ts';
import {
  ACCESS_TOKEN_LIFETIME_S,
  accessTokenClaims,
  idTokenClaims,
  type IdTokenSubject,
  type TokenSubject,
} from '../domain/token-claims.ts';
import type { SigningAlgorithm } from '@gatehouse/contracts';
import { KeyRing } from './key-ring.ts';

/** An access token that is decided but not signed: events name it before anything leaves. */
export interface PlannedToken {
  readonly about: TokenSubject;
  readonly audience: readonly string[];
  readonly jti: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Makes the tokens that are JWTs: access tokens (RFC 9068) and ID tokens (OIDC Core 2). */
@Injectable()
export class TokenIssuer {
  constructor(
    private readonly keys: KeyRing,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /** @param notAfter the end of the grant, which no token outlives */
  plan(about: TokenSubject, audience: readonly string[], notAfter?: Date): PlannedToken {
    const issuedAt = this.clock.now();
    const endMs = Math.min(issuedAt.getTime() + ACCESS_TOKEN_LIFETIME_S * 1_000, notAfter?.getTime() ?? Infinity);
    return { about, audience, jti: uuidv7(issuedAt.getTime()), issuedAt, expiresAt: new Date(endMs) };
  }

  /** The members of a token response (RFC 6749 5.1) that every grant has. */
  issue({ about, ...planned }: PlannedToken) {
    const claims = accessTokenClaims(about, { ...planned, issuer: this.settings.issuer });
    return {
      access_token: this.keys.sign('at+jwt', claims),
      token_type: tokenTypeOf(about.confirmation ?? null),
      expires_in: claims.exp - claims.iat,
      ...(claims.scope === undefined ? {} : { scope: claims.scope }),
      ...(claims.authorization_details && { authorization_details: claims.authorization_details }),
    };
  }

  /** @param algorithm the client's own choice (OIDC Registration 2, id_token_signed_response_alg) */
  issueIdToken(
    about: Omit<IdTokenSubject, 'issuer' | 'issuedAt' | 'algorithm'>,
    algorithm: SigningAlgorithm = 'ES256',
  ): string {
    const issuedAt = this.clock.now();
    const claims = idTokenClaims({ ...about, issuer: this.settings.issuer, issuedAt, algorithm });
    return this.keys.sign('JWT', claims, algorithm);
  }
}
