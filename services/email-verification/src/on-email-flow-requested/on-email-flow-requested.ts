import { Controller } from '@nestjs/common';
import { emailFlowRequested } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import { Consumes, type MessageOf } from '@gatehouse/messaging';
import { injectTraceparent } from '@gatehouse/telemetry';
import { QueueMail } from '../queue-mail.ts';
import { Verifications } from '../store/verifications.ts';

/** Begins a flow and queues its first mail, in one transaction with the inbox. Nothing is sent here. */
@Controller()
export class OnEmailFlowRequested {
  constructor(
    private readonly verifications: Verifications,
    private readonly queueMail: QueueMail,
  ) {}

  @Consumes(emailFlowRequested)
  async handle({ data }: MessageOf<typeof emailFlowRequested>, tx: Tx): Promise<void> {
    const flow = {
      id: data.flow_id,
      purpose: data.purpose,
      accountId: data.account_id,
      addressId: data.address_id,
      email: data.email,
      locale: data.locale,
      traceparent: injectTraceparent().traceparent ?? null,
    };
    // A producer that repeats a command under another event id gets no second mail.
    if (await this.verifications.start(tx, flow)) await this.queueMail.run(tx, flow, 'flow_requested');
  }
}
