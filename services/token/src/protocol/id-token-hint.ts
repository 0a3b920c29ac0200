import { Injectable } from '@nestjs/common';
import { signingAlgorithms } from '@gatehouse/contracts';
import { OAuthError } from '@gatehouse/problem';
import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import { TokenSettings } from '../config.ts';
import type { Client } from '../domain/client.ts';
import { KeyRing } from './key-ring.ts';

/** ID tokens that clients send back to say whom they mean (OIDC Core 3.1.2.1, RP-Initiated Logout 2). */
@Injectable()
export class IdTokenHint {
  constructor(
    private readonly keys: KeyRing,
    private readonly settings: TokenSettings,
  ) {}

  /**
   * The account that the hint names; an expired one is as good as any.
   * @throws OAuthError invalid_request where it is no ID token of ours for this client
   */
  async accountOf(hint: string | undefined, client: Client): Promise<string | null> {
    if (hint === undefined) return null;
    try {
      const { payload } = await jwtVerify(hint, createLocalJWKSet({ keys: [...this.keys.jwks] }), {
        algorithms: [...signingAlgorithms],
        typ: 'JWT',
        issuer: this.settings.issuer,
        audience: client.id,
        // What tells an ID token from signed userinfo (OIDC Core 5.3.2), which has the same type.
        requiredClaims: ['sub', 'iat', 'exp', 'auth_time'],
        currentDate: new Date(0),
      });
      return payload.sub ?? null;
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      throw new OAuthError('invalid_request', 'id_token_hint is no ID token of this client', { cause: error });
    }
  }
}
