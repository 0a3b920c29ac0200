import { Injectable } from '@nestjs/common';
import type { AuthorizationParameters } from '@gatehouse/contracts';
import { Database, uuidv7, type Tx } from '@gatehouse/database';
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
import { mustPushRequests, type Client } from '../domain/client.ts';
import { hashOf } from '../domain/opaque-token.ts';
import { referenceOf } from '../domain/pushed-request.ts';
import { ClientIdDocuments } from '../protocol/client-id-documents.ts';
import { CodeIssuer } from '../protocol/code-issuer.ts';
import { IdTokenHint } from '../protocol/id-token-hint.ts';
import { KnownResources } from '../protocol/known-resources.ts';
import { NextInteraction } from '../protocol/next-interaction.ts';
import type { NextPage } from '../protocol/next-page.ts';
import { RequestObjects } from '../protocol/request-objects.ts';
import { AuthorizationRequests } from '../store/authorization-requests.ts';
import { Clients } from '../store/clients.ts';
import { PushedRequests } from '../store/pushed-requests.ts';
import { Sessions, type Session } from '../store/sessions.ts';

/** How long a person may take to log in and to agree. */
const REQUEST_LIFETIME_MS = 10 * 60_000;

/** What of the browser the steps ask for. */
export interface BrowserState {
  readonly sessionHash: Buffer | null;
  /** Makes the browser recognisable, where it is not yet; the same answer however often it is asked. */
  recognise(): Buffer;
}

interface AskedRequest {
  readonly request: AuthorizationRequest;
  /** Null where it was not pushed. */
  readonly pushedHash: Buffer | null;
  readonly client: Client;
}

/** The authorization endpoint (RFC 6749 4.1.1, OIDC Core 3.1.2). */
@Injectable()
export class Authorize {
  constructor(
    private readonly documents: ClientIdDocuments,
    private readonly clients: Clients,
    private readonly sessions: Sessions,
    private readonly requests: AuthorizationRequests,
    private readonly pushedRequests: PushedRequests,
    private readonly objects: RequestObjects,
    private readonly hints: IdTokenHint,
    private readonly interactions: NextInteraction,
    private readonly codes: CodeIssuer,
    private readonly known: KnownResources,
    private readonly database: Database,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns where the browser goes next
   * @throws Problem invalid-input while no client is known to answer to
   */
  async run(parameters: AuthorizationParameters, browser: BrowserState): Promise<NextPage> {
    const client = await this.findClient(parameters);
    const pushed = await this.openPushed(parameters, client, browser);
    if (pushed) return this.serve({ ...pushed, client }, browser);
    const read = await this.read(parameters, client);
    const returnAddress = returnAddressOf(read.parameters, client);
    if (!returnAddress) throw unknownApplication(read.refusal);
    try {
      if (read.refusal) throw read.refusal;
      const request = await this.check(read.parameters, returnAddress, client);
      return await this.answerOrAsk({ request, pushedHash: null, client }, browser);
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      return errorResponse(returnAddress, error, this.settings.issuer);
    }
  }

  /**
   * Answers a request that gives parameters more than once (RFC 6749 3.1). None of these counts, so a client or a redirect URI
   * that is repeated leaves nobody to answer to.
   * @throws Problem invalid-input then
   */
  async refuseRepeated(parameters: AuthorizationParameters, repeated: readonly string[]): Promise<NextPage> {
    const once = Object.fromEntries(Object.entries(parameters).filter(([name]) => !repeated.includes(name)));
    const returnAddress = returnAddressOf(once, await this.findClient(once));
    const names = [...new Set(repeated)].filter((name) => Object.hasOwn(parameters, name));
    const refusal = new OAuthError('invalid_request', `given more than once: ${names.join(', ') || 'a parameter'}`);
    if (!returnAddress) throw unknownApplication(refusal);
    return errorResponse(returnAddress, refusal, this.settings.issuer);
  }

  private async serve(asked: AskedRequest & { pushedHash: Buffer }, browser: BrowserState): Promise<NextPage> {
    try {
      return await this.answerOrAsk(asked, browser);
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      await this.database.withTransaction((tx) => this.consumePushed(tx, asked.pushedHash));
      return errorResponse(asked.request, error, this.settings.issuer);
    }
  }

  /**
   * What counts of the request. An object that is refused counts for nothing; the client hears of it where the parameters
   * beside it name one of its redirect URIs.
   */
  private async read(
    parameters: AuthorizationParameters,
    client: Client,
  ): Promise<{ parameters: AuthorizationParameters; refusal?: OAuthError }> {
    try {
      return { parameters: await this.objects.read(parameters, client) };
    } catch (refusal) {
      if (!(refusal instanceof OAuthError)) throw refusal;
      return { parameters, refusal };
    }
  }

  private async findClient({ client_id: id = '' }: AuthorizationParameters): Promise<Client> {
    await this.refreshDocument(id);
    const client = this.clients.remembered(id) ?? (await this.clients.find(id));
    if (client) return client;
    throw unknownApplication();
  }

  /** What is wrong with the document is for the page: no redirect URI of it can be relied on. */
  private async refreshDocument(id: string): Promise<void> {
    try {
      await this.documents.refresh(id);
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      throw new Problem('invalid-input', { detail: `${error.description ?? error.code}.`, cause: error });
    }
  }

  /**
   * RFC 9126 4: what was pushed counts, and nothing that stands beside it. Its use is over only with the answer, so that
   * a reload of the page does not take it away from the person.
   * @returns null where the request names no pushed one
   */
  private async openPushed(
    { request, request_uri }: AuthorizationParameters,
    client: Client,
    browser: BrowserState,
  ): Promise<{ pushedHash: Buffer; request: AuthorizationRequest } | null> {
    const reference = request_uri === undefined ? null : referenceOf(request_uri);
    if (reference === null) return null;
    const opened = { referenceHash: hashOf(reference), clientId: client.id, browserHash: browser.recognise() };
    const pushed = request === undefined && (await this.pushedRequests.open(opened, this.clock.now()));
    if (pushed) return { pushedHash: opened.referenceHash, request: pushed };
    throw new Problem('invalid-input', {
      detail: 'This link has expired, was used, or began in another browser (invalid_request_uri).',
    });
  }

  private async consumePushed(tx: Tx, hash: Buffer): Promise<void> {
    if (!(await this.pushedRequests.consume(tx, hash, this.clock.now()))) throw new Problem('gone');
  }

  private async check(
    parameters: AuthorizationParameters,
    returnAddress: ReturnAddress,
    client: Client,
  ): Promise<AuthorizationRequest> {
    if (mustPushRequests(client))
      throw new OAuthError('invalid_request', 'the client must push its requests (RFC 9126)');
    const hintedAccountId = await this.hints.accountOf(parameters.id_token_hint, client);
    const resources = await this.known.current();
    return checkAuthorizationRequest(parameters, returnAddress, client, resources, hintedAccountId);
  }

  /** Where the session that is remembered turns out to have ended, the database says whether there is another one. */
  private async answerOrAsk(asked: AskedRequest, browser: BrowserState): Promise<NextPage> {
    const { sessionHash } = browser;
    const requestedAt = this.clock.now();
    const remembered = sessionHash && this.sessions.remembered(sessionHash, requestedAt);
    if (remembered) {
      try {
        return await this.goOn(asked, browser, remembered, requestedAt);
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== 'gone') throw error;
      }
    }
    return this.goOn(asked, browser, sessionHash && (await this.sessions.find(sessionHash, requestedAt)), requestedAt);
  }

  private async goOn(
    asked: AskedRequest,
    browser: BrowserState,
    session: Session | null,
    requestedAt: Date,
  ): Promise<NextPage> {
    const { request, client } = asked;
    if (session) setActor('account', session.accountId);
    const interaction = await this.interactions.of(request, client, session, requestedAt);
    if (interaction === 'answer' && session) return this.answer(asked, session);
    const requestId = await this.keep(asked, browser, requestedAt);
    return { path: interaction === 'consent' ? '/consent' : '/login', requestId };
  }

  private answer({ request, pushedHash }: AskedRequest, session: Session): Promise<AuthorizationResponse> {
    return this.database.withTransaction(async (tx) => {
      if (pushedHash) await this.consumePushed(tx, pushedHash);
      return this.codes.answer(tx, request, session);
    });
  }

  /** The request waits in the database, bound to the browser, while the person is on a page of ours. */
  private async keep({ request, pushedHash }: AskedRequest, browser: BrowserState, requestedAt: Date): Promise<string> {
    const id = uuidv7();
    const expiresAt = new Date(requestedAt.getTime() + REQUEST_LIFETIME_MS);
    await this.requests.add(
      { ...request, id, requestedAt, pushedHash, deviceGrantId: null },
      browser.recognise(),
      expiresAt,
    );
    return id;
  }
}

/** @param refusal of the request object in which the address would stand */
function unknownApplication(refusal?: OAuthError): Problem {
  const detail = 'The application that sent you here is unknown, or asked for an address that it has not registered.';
  return new Problem('invalid-input', {
    detail: refusal ? `The application that sent you here made a wrong request (${refusal.code}).` : detail,
    cause: refusal,
  });
}
