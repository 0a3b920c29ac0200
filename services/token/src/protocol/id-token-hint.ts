import { Injectable } from '@nestjs/common';
import { signingAlgorithms } from '@gatehouse/contracts';
import { OAuthError } from '@gatehouse/problem';
import { createLocalJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import { TokenSettings } from '../config.ts';
import type { Client } from '../domain/client.ts';
import type { HintedSession } from '../domain/logout.ts';
import { KeyRing } from './key-ring.ts';
import { SubjectIdentifiers } from './subject-identifiers.ts';

/** ID tokens that clients send back to say whom they mean (OIDC Core 3.1.2.1, RP-Initiated Logout 2). */
@Injectable()
export class IdTokenHint {
  constructor(
    private readonly keys: KeyRing,
    private readonly subjects: SubjectIdentifiers,
    private readonly settings: TokenSettings,
  ) {}

  /**
   * The account that the hint names; an expired one is as good as any.
   * @throws OAuthError invalid_request where it is no ID token of ours for this client
   */
  async accountOf(hint: string | undefined, client: Client): Promise<string | null> {
    if (hint === undefined) return null;
    const { accountId, clientId } = await this.read(hint);
    if (clientId !== client.id) throw refused();
    return accountId;
  }

  /** @throws OAuthError invalid_request where it is no ID token of ours */
  async read(hint: string): Promise<HintedSession> {
    const { sub, aud, sid } = await this.verify(hint);
    if (sub === undefined || typeof aud !== 'string') throw refused();
    return { accountId: this.subjects.whom(sub), clientId: aud, sessionId: typeof sid === 'string' ? sid : null };
  }

  private async verify(hint: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(hint, createLocalJWKSet({ keys: [...this.keys.jwks] }), {
        algorithms: [...signingAlgorithms],
        typ: 'JWT',
        issuer: this.settings.issuer,
        // What tells an ID token from signed userinfo (OIDC Core 5.3.2), which has the same type.
        requiredClaims: ['sub', 'iat', 'exp', 'auth_time'],
        currentDate: new Date(0),
      });
      return payload;
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      throw refused(error);
    }
  }
}

function refused(cause?: unknown): OAuthError {
  return new OAuthError('invalid_request', 'id_token_hint is no ID token of this client', { cause });
}
