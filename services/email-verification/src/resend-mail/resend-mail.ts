import { Injectable } from '@nestjs/common';
import { Database } from '@gatehouse/database';
import { QueueMail } from '../queue-mail.ts';
import { Verifications } from '../store/verifications.ts';

/** Sends another mail of a flow, where the flow's limits allow one. */
@Injectable()
export class ResendMail {
  constructor(
    private readonly database: Database,
    private readonly verifications: Verifications,
    private readonly queueMail: QueueMail,
  ) {}

  /** Tells nobody whether the flow exists and whether a mail goes out. */
  async run(flowId: string): Promise<void> {
    const flow = await this.verifications.find(flowId);
    if (!flow) return;
    await this.database.change([flow.accountId], async (tx) => {
      if (await this.verifications.takeResend(tx, flowId)) await this.queueMail.run(tx, flow, 'resend');
    });
  }
}
