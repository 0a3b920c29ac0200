import { Injectable } from '@nestjs/common';
import { emailFlowRequested } from '@gatehouse/contracts';
import { Database, uuidv7 } from '@gatehouse/database';
import { Outbox } from '@gatehouse/messaging';
import { Problem } from '@gatehouse/problem';
import { Clock } from '../clock.ts';
import { Accounts } from '../store/accounts.ts';
import { AuthorizationRequests, type PendingRequest } from '../store/authorization-requests.ts';

/** A new mail for an account whose right password was given on the login page, but whose address is not proven. */
@Injectable()
export class ResendVerification {
  constructor(
    private readonly accounts: Accounts,
    private readonly requests: AuthorizationRequests,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** One mail for each login that was refused. @throws Problem gone where none was, or the mail was sent already */
  async run(pending: PendingRequest): Promise<void> {
    const earlierFlowId = pending.unverifiedFlowId;
    const account = earlierFlowId === null ? null : await this.accounts.findByFlow(earlierFlowId);
    if (!account || earlierFlowId === null) throw new Problem('gone');
    await this.database.change([account.id], async (tx) => {
      const flowId = uuidv7();
      const first = await this.requests.forgetUnverified(tx, pending.id);
      if (!first || !(await this.accounts.repeatRegistration(tx, earlierFlowId, flowId, this.clock.now())))
        throw new Problem('gone');
      await this.outbox.append(tx, emailFlowRequested, {
        flow_id: flowId,
        purpose: 'registration',
        account_id: account.id,
        address_id: account.addressId,
        email: account.address,
        locale: account.locale,
      });
    });
  }
}
