import { Injectable } from '@nestjs/common';
import { uuidv7, type Tx } from '@gatehouse/database';
import { Problem } from '@gatehouse/problem';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import { CODE_LIFETIME_MS } from '../domain/authorization-code.ts';
import type { AuthorizationRequest } from '../domain/authorization-request.ts';
import { codeResponse, type AuthorizationResponse } from '../domain/authorization-response.ts';
import { hashOf } from '../domain/opaque-token.ts';
import { AuthorizationCodes } from '../store/authorization-codes.ts';
import { Sessions, type Session } from '../store/sessions.ts';
import { newToken } from './new-token.ts';

/** Answers an authorization request of a logged-in account. */
@Injectable()
export class CodeIssuer {
  constructor(
    private readonly codes: AuthorizationCodes,
    private readonly sessions: Sessions,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns the client's answer: a new code (RFC 6749 4.1.2)
   * @throws Problem gone where the session has ended in the meantime
   */
  async answer(tx: Tx, request: AuthorizationRequest, session: Session): Promise<AuthorizationResponse> {
    if (!(await this.sessions.hold(tx, session))) throw new Problem('gone');
    const code = newToken('code');
    await this.codes.add(tx, hashOf(code), {
      grantId: uuidv7(),
      clientId: request.clientId,
      redirectUri: request.redirectUri,
      codeChallenge: request.codeChallenge,
      dpopJkt: request.dpopJkt,
      scope: request.scope,
      resources: request.resources,
      authorizationDetails: request.authorizationDetails,
      nonce: request.nonce,
      claims: request.claims,
      accountId: session.accountId,
      accountVersion: session.accountVersion,
      sessionId: session.id,
      authenticatedAt: session.authenticatedAt,
      acr: session.acr,
      amr: session.amr,
      expiresAt: new Date(this.clock.now().getTime() + CODE_LIFETIME_MS),
      consumedAt: null,
    });
    return codeResponse(request, code, this.settings.issuer);
  }
}
