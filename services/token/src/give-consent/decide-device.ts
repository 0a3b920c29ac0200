import { Injectable } from '@nestjs/common';
import { deviceAuthorizationApproved, deviceAuthorizationDenied } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import { Outbox } from '@gatehouse/messaging';
import { Problem } from '@gatehouse/problem';
import { Clock } from '../clock.ts';
import { typesOf } from '../domain/authorization-details.ts';
import { AuthorizationRequests, type PendingRequest } from '../store/authorization-requests.ts';
import { DeviceAuthorizations } from '../store/device-authorizations.ts';
import { Sessions, type Session } from '../store/sessions.ts';

/** The decision of a person about a device (RFC 8628 3.3). What the device may do is what the page said. */
@Injectable()
export class DecideDevice {
  constructor(
    private readonly requests: AuthorizationRequests,
    private readonly devices: DeviceAuthorizations,
    private readonly sessions: Sessions,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem gone where it was decided in the meantime, or its time is over */
  async run(pending: PendingRequest, grantId: string, session: Session, allowed: boolean): Promise<void> {
    const { accountId, accountVersion, id: sessionId, authenticatedAt, acr, amr } = session;
    const approval = allowed ? { accountId, accountVersion, sessionId, authenticatedAt, acr, amr } : null;
    const about = { grant_id: grantId, client_id: pending.clientId, account_id: accountId };
    const now = this.clock.now();
    await this.database.change([grantId], async (tx) => {
      const decided =
        (!allowed || (await this.sessions.hold(tx, session))) &&
        (await this.requests.consume(tx, pending.id, now)) &&
        (await this.devices.decide(tx, grantId, approval, now));
      if (!decided) throw new Problem('gone', { detail: 'This code was used or has expired.' });
      if (!allowed) return this.outbox.append(tx, deviceAuthorizationDenied, about);
      const { scope, authorizationDetails } = pending;
      const approved = { ...about, session_id: sessionId, scope: [...scope], ...typesOf(authorizationDetails) };
      return this.outbox.append(tx, deviceAuthorizationApproved, approved);
    });
  }
}
