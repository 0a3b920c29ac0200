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
import { errorResponse } from '../domain/authorization-response.ts';
import type { Client } from '../domain/client.ts';
import { CodeIssuer } from '../protocol/code-issuer.ts';
import { AuthorizationRequests } from '../store/authorization-requests.ts';
import { Clients } from '../store/clients.ts';
import { Sessions } from '../store/sessions.ts';

/** How long a person may take on the login page. */
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
    private readonly codes: CodeIssuer,
    private readonly database: Database,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns where the browser goes next
   * @throws Problem invalid-input while no client is known to answer to
   */
  async run(parameters: AuthorizationParameters, browser: BrowserState): Promise<string> {
    const { client, returnAddress } = await this.findReturnAddress(parameters);
    try {
      const request = checkAuthorizationRequest(parameters, returnAddress, client, this.settings.resources);
      return (await this.answerFromSession(request, browser)) ?? (await this.askForLogin(request, parameters, browser));
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

  private async answerFromSession(
    request: AuthorizationRequest,
    { sessionHash }: BrowserState,
  ): Promise<string | null> {
    const session = sessionHash && (await this.sessions.find(sessionHash, this.clock.now()));
    if (!session) return null;
    setActor('account', session.accountId);
    return this.database.withTransaction((tx) => this.codes.answer(tx, request, session));
  }

  /** The request waits in the database, bound to the browser, while the person is on the login page. */
  private async askForLogin(
    request: AuthorizationRequest,
    { prompt }: AuthorizationParameters,
    browser: BrowserState,
  ): Promise<string> {
    if (prompt === 'none') throw new OAuthError('login_required');
    const id = uuidv7();
    const expiresAt = new Date(this.clock.now().getTime() + REQUEST_LIFETIME_MS);
    await this.requests.add(id, request, browser.recognise(), expiresAt);
    return `${this.settings.issuer}/login?${new URLSearchParams({ request: id }).toString()}`;
  }
}
