import { Controller } from '@nestjs/common';
import { accountVerified, emailVerified } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import { Consumes, Outbox, type MessageOf } from '@gatehouse/messaging';
import { Clock } from '../clock.ts';
import { Accounts } from '../store/accounts.ts';

/** A person proved an address: the account that waits for it may log in, with the password of that registration. */
@Controller()
export class OnEmailVerified {
  constructor(
    private readonly accounts: Accounts,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Changes nothing where the address is proven already, is no longer the account's, or its registration is gone. */
  @Consumes(emailVerified)
  async handle({ data }: MessageOf<typeof emailVerified>, tx: Tx): Promise<void> {
    const { account_id, address_id, flow_id } = data;
    const proof = { accountId: account_id, addressId: address_id, flowId: flow_id };
    if (!(await this.accounts.verify(tx, proof, this.clock.now()))) return;
    await this.outbox.append(tx, accountVerified, { account_id, address_id, flow_id });
  }
}
