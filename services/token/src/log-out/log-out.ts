import { Injectable } from '@nestjs/common';
import { sessionEnded, tokenRevoked, type LogoutParameters } from '@gatehouse/contracts';
import { Database, type Tx } from '@gatehouse/database';
import { Outbox } from '@gatehouse/messaging';
import { Problem } from '@gatehouse/problem';
import { Clock } from '../clock.ts';
import type { Client } from '../domain/client.ts';
import { acceptsLogoutRedirect, logoutLocation, type HintedSession } from '../domain/logout.ts';
import { sessionRevocation } from '../domain/revocation.ts';
import { IdTokenHint } from '../protocol/id-token-hint.ts';
import { Revoker } from '../protocol/revoker.ts';
import { AuthorizationCodes } from '../store/authorization-codes.ts';
import { Clients } from '../store/clients.ts';
import { DeviceAuthorizations } from '../store/device-authorizations.ts';
import { Grants } from '../store/grants.ts';
import { Sessions, type Session } from '../store/sessions.ts';

/** A checked request for a logout. */
export interface LogoutRequest {
  readonly hint: HintedSession | null;
  /** Who asks; null where nobody says so. */
  readonly client: Client | null;
  /** Registered by the client, with its state; null where the browser stays here. */
  readonly returnTo: string | null;
}

/** Of a revocation that no client asked for. */
const NO_CLIENT = 'token';

/** RP-Initiated Logout 1.0. */
@Injectable()
export class LogOut {
  constructor(
    private readonly hints: IdTokenHint,
    private readonly clients: Clients,
    private readonly sessions: Sessions,
    private readonly codes: AuthorizationCodes,
    private readonly devices: DeviceAuthorizations,
    private readonly grants: Grants,
    private readonly revoker: Revoker,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
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

  /** Idempotent. Every service refuses the tokens of the session within a second from then on. */
  async end(session: Session, client: Client | null): Promise<void> {
    const { id, accountId } = session;
    const revocation = sessionRevocation({ id, accountId, clientId: client?.id ?? NO_CLIENT }, this.clock.now());
    await this.database.change([accountId, tokenRevoked.key(revocation)], async (tx) => {
      if (!(await this.sessions.end(tx, id))) return;
      const revokedGrants = await this.endWhatItLedTo(tx, id);
      await this.outbox.append(tx, sessionEnded, {
        account_id: accountId,
        session_id: id,
        client_id: client?.id ?? null,
        revoked_grants: revokedGrants,
      });
      await this.revoker.revoke(tx, revocation);
    });
  }

  /** In this order: a code that is being exchanged has become a grant, or is gone, when the grants are looked for. */
  private async endWhatItLedTo(tx: Tx, sessionId: string): Promise<number> {
    await this.codes.forgetOfSession(tx, sessionId);
    await this.devices.refuseOfSession(tx, sessionId);
    return this.grants.revokeOfSession(tx, sessionId, this.clock.now());
  }
}
