import { Injectable } from '@nestjs/common';
import type { AuthorizationParameters } from '@gatehouse/contracts';
import { Database, uuidv7 } from '@gatehouse/database';
import { OAuthError, Problem } from '@gatehouse/problem';
import { setActor } from '@gatehouse/telemetry';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import {
  checkAuthorizationRequest,
  returnAddressOf,
  type AuthorizationRequest,
  type ReturnAddress,
} from '../domain/authorization-request.ts';
import { errorResponse, type AuthorizationResponse } from '../domain/authorization-response.ts';
import type { Client } from '../domain/client.ts';
import { CodeIssuer } from '../protocol/code-issuer.ts';
import { IdTokenHint } from '../protocol/id-token-hint.ts';
import { NextInteraction } from '../protocol/next-interaction.ts';
import type { NextPage } from '../protocol/next-page.ts';
import { AuthorizationRequests } from '../store/authorization-requests.ts';
import { Clients } from '../store/clients.ts';
import { Sessions, type Session } from '../store/sessions.ts';

/** How long a person may take to log in and to agree. */
const REQUEST_LIFETIME_MS = 10 * 60_000;

/** What of the browser the steps ask for. */
export interface BrowserState {
  readonly sessionHash: Buffer | null;
  /** Makes the browser recognisable, where it is not yet. */
  recognise(): Buffer;
}

/** The authorization endpoint (RFC 6749 4.1.1, OIDC Core 3.1.2). */
@Injectable()
export class Authorize {
  constructor(
    private readonly clients: Clients,
    private readonly sessions: Sessions,
    private readonly requests: AuthorizationRequests,
    private readonly hints: IdTokenHint,
    private readonly interactions: NextInteraction,
    private readonly codes: CodeIssuer,
    private readonly database: Database,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns where the browser goes next
   * @throws Problem invalid-input while no client is known to answer to
   */
  async run(parameters: AuthorizationParameters, browser: BrowserState): Promise<NextPage> {
    const { client, returnAddress } = await this.findReturnAddress(parameters);
    try {
      const request = await this.check(parameters, returnAddress, client);
      return await this.answerOrAsk(request, client, browser);
    } catch (error) {
      if (error instanceof OAuthError) return errorResponse(returnAddress, error, this.settings.issuer);
      throw error;
    }
  }

  private async findReturnAddress(
    parameters: AuthorizationParameters,
  ): Promise<{ client: Client; returnAddress: ReturnAddress }> {
    const { client_id: id = '' } = parameters;
    const client = this.clients.remembered(id) ?? (await this.clients.find(id));
    const returnAddress = returnAddressOf(parameters, client);
    if (!client || !returnAddress)
      throw new Problem('invalid-input', {
        detail: 'The application that sent you here is unknown, or asked for an address that it has not registered.',
      });
    return { client, returnAddress };
  }

  private async check(
    parameters: AuthorizationParameters,
    returnAddress: ReturnAddress,
    client: Client,
  ): Promise<AuthorizationRequest> {
    const hintedAccountId = await this.hints.accountOf(parameters.id_token_hint, client);
    return checkAuthorizationRequest(parameters, returnAddress, client, this.settings.resources, hintedAccountId);
  }

  private async answerOrAsk(request: AuthorizationRequest, client: Client, browser: BrowserState): Promise<NextPage> {
    const requestedAt = this.clock.now();
    const session = browser.sessionHash && (await this.sessions.find(browser.sessionHash, requestedAt));
    if (session) setActor('account', session.accountId);
    const interaction = await this.interactions.of(request, client, session, requestedAt);
    if (interaction === 'answer' && session) return this.answer(request, session);
    const requestId = await this.keep(request, browser, requestedAt);
    return { path: interaction === 'consent' ? '/consent' : '/login', requestId };
  }

  private answer(request: AuthorizationRequest, session: Session): Promise<AuthorizationResponse> {
    return this.database.withTransaction((tx) => this.codes.answer(tx, request, session));
  }

  /** The request waits in the database, bound to the browser, while the person is on a page of ours. */
  private async keep(request: AuthorizationRequest, browser: BrowserState, requestedAt: Date): Promise<string> {
    const id = uuidv7();
    const expiresAt = new Date(requestedAt.getTime() + REQUEST_LIFETIME_MS);
    await this.requests.add({ ...request, id, requestedAt }, browser.recognise(), expiresAt);
    return id;
  }
}
