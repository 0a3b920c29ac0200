import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import {
  backchannelLogoutRequeued,
  logoutDeliveryRequeue,
  requeueLogoutDelivery,
  type InputOf,
} from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import { Endpoint, existing, Input } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { Problem } from '@gatehouse/problem';
import { LogoutSignal } from '../protocol/logout-signal.ts';
import { LogoutDeliveries } from '../store/logout-deliveries.ts';

@Controller()
export class RequeueLogoutDelivery {
  constructor(
    private readonly deliveries: LogoutDeliveries,
    private readonly signal: LogoutSignal,
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(requeueLogoutDelivery)
  @RequirePermission(logoutDeliveryRequeue)
  async handle(@Input() { path }: InputOf<typeof requeueLogoutDelivery>): Promise<void> {
    const { id, state } = existing(await this.deliveries.find(path.delivery_id));
    await this.database.withTransaction(async (tx) => {
      const failed = await this.deliveries.requeue(tx, id);
      if (!failed)
        throw new Problem('conflict', { detail: `Only a failed notice can be tried again; this one is ${state}.` });
      await this.outbox.recordIn(tx, backchannelLogoutRequeued, {
        delivery_id: id,
        account_id: failed.accountId,
        session_id: failed.sessionId,
        client_id: failed.clientId,
        attempts: failed.attempts,
      });
      tx.afterCommit(() => this.signal.send());
    });
  }
}
