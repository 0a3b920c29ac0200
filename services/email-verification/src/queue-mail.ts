import { Injectable } from '@nestjs/common';
import { mailQueued, type DataOf } from '@gatehouse/contracts';
import { uuidv7, type Tx } from '@gatehouse/database';
import { Outbox } from '@gatehouse/messaging';
import { injectTraceparent } from '@gatehouse/telemetry';
import { CredentialKey } from './domain/credentials.ts';
import { flows, type FlowPurpose } from './flows.ts';
import { SendSignal } from './send-signal.ts';
import { SendQueue } from './store/send-queue.ts';

interface FlowOfMail {
  readonly id: string;
  readonly purpose: FlowPurpose;
  readonly accountId: string;
  readonly addressId: string;
}

/** Queues one mail of a flow, with credentials of its own where the flow has any. */
@Injectable()
export class QueueMail {
  constructor(
    private readonly queue: SendQueue,
    private readonly outbox: Outbox,
    private readonly credentialKey: CredentialKey,
    private readonly signal: SendSignal,
  ) {}

  /** The transaction holds the lock of the flow's account. The mail goes out after its commit. */
  async run(tx: Tx, flow: FlowOfMail, cause: DataOf<typeof mailQueued>['cause']): Promise<void> {
    const { credential, lifetimeSeconds } = flows[flow.purpose];
    const id = uuidv7();
    const { code, token } = this.credentialKey.derive(id);
    const proofs = {
      code: this.credentialKey.codeProof(flow.id, code),
      link: this.credentialKey.linkProof(flow.id, token),
    };
    await this.queue.add(tx, {
      id,
      flowId: flow.id,
      lifetimeSecondsMax: 2 * lifetimeSeconds,
      proofs: credential === 'none' ? null : proofs,
      traceparent: injectTraceparent().traceparent ?? null,
    });
    await this.outbox.append(tx, mailQueued, {
      message_id: id,
      flow_id: flow.id,
      account_id: flow.accountId,
      address_id: flow.addressId,
      purpose: flow.purpose,
      cause,
    });
    tx.afterCommit(() => this.signal.raise());
  }
}
