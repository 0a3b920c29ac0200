import { Injectable } from '@nestjs/common';
import type { LogoutParameters } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import { Problem } from '@gatehouse/problem';
import type { Client } from '../domain/client.ts';
import { acceptsLogoutRedirect, logoutLocation, type HintedSession } from '../domain/logout.ts';
import { IdTokenHint } from '../protocol/id-token-hint.ts';
import { SessionEnder, sessionKeys } from '../protocol/session-ender.ts';
import { Clients } from '../store/clients.ts';
import type { Session } from '../store/sessions.ts';

/** A checked request for a logout. */
export interface LogoutRequest {
  readonly hint: HintedSession | null;
  /** Who asks; null where nobody says so. */
  readonly client: Client | null;
  /** Registered by the client, with its state; null where the browser stays here. */
  readonly returnTo: string | null;
}

/** RP-Initiated Logout 1.0. */
@Injectable()
export class LogOut {
  constructor(
    private readonly hints: IdTokenHint,
    private readonly clients: Clients,
    private readonly ender: SessionEnder,
    private readonly database: Database,
  ) {}

  /**
   * RP-Initiated Logout 2 and 3. Nothing has ended while this refuses.
   * @throws Problem invalid-input, OAuthError invalid_request where the hint is no ID token of ours
   */
  async read(parameters: LogoutParameters): Promise<LogoutRequest> {
    const { id_token_hint, client_id, post_logout_redirect_uri: uri, state } = parameters;
    const hint = id_token_hint === undefined ? null : await this.hints.read(id_token_hint);
    if (hint && client_id !== undefined && client_id !== hint.clientId)
      throw new Problem('invalid-input', { detail: 'The ID token was issued to another client.' });
    const clientId = hint?.clientId ?? client_id;
    const client = clientId === undefined ? null : await this.clients.find(clientId);
    if (uri === undefined) return { hint, client, returnTo: null };
    if (!acceptsLogoutRedirect(client, uri))
      throw new Problem('invalid-input', {
        detail: 'The application that sent you here asked for an address that it has not registered.',
      });
    return { hint, client, returnTo: logoutLocation(uri, state) };
  }

  /** Idempotent. Its clients are told, and every service refuses its tokens within a second from then on. */
  async end(session: Session, client: Client | null): Promise<void> {
    await this.database.change(sessionKeys(session), (tx) => this.ender.end(tx, session, client?.id ?? null));
  }
}
