import { Injectable } from '@nestjs/common';
import { sessionChanged, sessionEnded } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import { Outbox } from '@gatehouse/messaging';
import { injectTraceparent } from '@gatehouse/telemetry';
import { Clock } from '../clock.ts';
import { sessionRevocation } from '../domain/revocation.ts';
import { AuthorizationCodes } from '../store/authorization-codes.ts';
import { DeviceAuthorizations } from '../store/device-authorizations.ts';
import { Grants } from '../store/grants.ts';
import { LogoutDeliveries } from '../store/logout-deliveries.ts';
import { Sessions, type Session } from '../store/sessions.ts';
import { LogoutSignal } from './logout-signal.ts';
import { Revoker } from './revoker.ts';

export type EndingSession = Pick<Session, 'id' | 'accountId'>;

/** Of a revocation that no client asked for. */
const NO_CLIENT = 'token';

/** The keys that a transaction must lock to end a session. */
export function sessionKeys({ id, accountId }: EndingSession): string[] {
  return [accountId, `session:${id}`];
}

/** Ends sessions with what they led to, and has their clients told (OIDC Back-Channel Logout 2.5), all in one transaction. */
@Injectable()
export class SessionEnder {
  constructor(
    private readonly sessions: Sessions,
    private readonly codes: AuthorizationCodes,
    private readonly devices: DeviceAuthorizations,
    private readonly grants: Grants,
    private readonly deliveries: LogoutDeliveries,
    private readonly signal: LogoutSignal,
    private readonly revoker: Revoker,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /**
   * Idempotent. Every service refuses the tokens of the session within a second from the commit on. The transaction holds
   * the locks of `sessionKeys` and, because a revocation is the last thing that it may lock for, does nothing after this.
   * @param clientId the client that asked for it; null where none did
   */
  async end(tx: Tx, session: EndingSession, clientId: string | null): Promise<void> {
    const { id, accountId } = session;
    if (!(await this.sessions.end(tx, id))) return;
    const revokedGrants = await this.endWhatItLedTo(tx, id);
    await this.tell(tx, session, { clientId, revokedGrants });
    await this.revoker.revoke(
      tx,
      sessionRevocation({ id, accountId, clientId: clientId ?? NO_CLIENT }, this.clock.now()),
    );
  }

  /**
   * Ends every session of an account whose version the transaction has raised, so that nothing made from them counts any
   * more. The transaction holds the lock of the account.
   */
  async endAll(tx: Tx, accountId: string, clientId: string): Promise<void> {
    for (const { id } of await this.sessions.listOf(tx, accountId)) {
      if (!(await this.sessions.end(tx, id))) continue;
      const revokedGrants = await this.endWhatItLedTo(tx, id);
      await this.tell(tx, { id, accountId }, { clientId, revokedGrants });
    }
  }

  private async tell(
    tx: Tx,
    { id, accountId }: EndingSession,
    { clientId, revokedGrants }: { clientId: string | null; revokedGrants: number },
  ): Promise<void> {
    const { traceparent = null } = injectTraceparent();
    const queued = await this.deliveries.addForSession(tx, { id, accountId, traceparent });
    if (queued > 0) tx.afterCommit(() => this.signal.send());
    await this.outbox.append(tx, sessionChanged, { account_id: accountId, session_id: id });
    await this.outbox.append(tx, sessionEnded, {
      account_id: accountId,
      session_id: id,
      client_id: clientId,
      revoked_grants: revokedGrants,
    });
  }

  /** In this order: a code that is being exchanged has become a grant, or is gone, when the grants are looked for. */
  private async endWhatItLedTo(tx: Tx, sessionId: string): Promise<number> {
    await this.codes.forgetOfSession(tx, sessionId);
    await this.devices.refuseOfSession(tx, sessionId);
    return this.grants.revokeOfSession(tx, sessionId, this.clock.now());
  }
}
