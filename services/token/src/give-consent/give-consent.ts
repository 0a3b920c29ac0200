import { Injectable } from '@nestjs/common';
import { consentGiven } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import { Outbox } from '@gatehouse/messaging';
import { OAuthError, Problem } from '@gatehouse/problem';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import { typesOf } from '../domain/authorization-details.ts';
import { errorResponse, type AuthorizationResponse } from '../domain/authorization-response.ts';
import { CodeIssuer } from '../protocol/code-issuer.ts';
import { AuthorizationRequests, type PendingRequest } from '../store/authorization-requests.ts';
import { Consents } from '../store/consents.ts';
import type { Session } from '../store/sessions.ts';

/** The decision of a person about what a client asks for (OIDC Core 3.1.2.4). */
@Injectable()
export class GiveConsent {
  constructor(
    private readonly requests: AuthorizationRequests,
    private readonly consents: Consents,
    private readonly codes: CodeIssuer,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem gone where the request was answered in the meantime */
  async allow(pending: PendingRequest, session: Session): Promise<AuthorizationResponse> {
    const { clientId, scope, authorizationDetails } = pending;
    const { accountId } = session;
    return this.database.change([accountId], async (tx) => {
      if (!(await this.requests.consume(tx, pending.id, this.clock.now()))) throw new Problem('gone');
      const allowed = await this.consents.allow(tx, { accountId, clientId, scope }, this.clock.now());
      const given = { account_id: accountId, client_id: clientId, scope: allowed, ...typesOf(authorizationDetails) };
      await this.outbox.append(tx, consentGiven, given);
      return this.codes.answer(tx, pending, session);
    });
  }

  /** RFC 6749 4.1.2.1: nothing is remembered, so that the client may ask again. */
  async deny(pending: PendingRequest): Promise<AuthorizationResponse> {
    const now = this.clock.now();
    if (!(await this.database.withTransaction((tx) => this.requests.consume(tx, pending.id, now))))
      throw new Problem('gone');
    return errorResponse(pending, new OAuthError('access_denied', 'the person said no'), this.settings.issuer);
  }
}
