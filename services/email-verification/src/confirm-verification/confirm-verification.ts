import { Injectable } from '@nestjs/common';
import { emailVerified, verificationLocked } from '@gatehouse/contracts';
import { Database, type Tx } from '@gatehouse/database';
import { Outbox } from '@gatehouse/messaging';
import { CredentialKey } from '../domain/credentials.ts';
import { stateOf, WRONG_CODES_MAX } from '../domain/verification-state.ts';
import { linkToRequest } from '../link-to-request.ts';
import { Verifications, type Flow } from '../store/verifications.ts';

export type Credential = { readonly code: string } | { readonly token: string };
/** `invalid` also where the flow is not known. */
export type Confirmation = 'confirmed' | 'invalid' | 'expired' | 'locked';

/** Confirms the address of a flow by the code or the link token of one of its mails. */
@Injectable()
export class ConfirmVerification {
  constructor(
    private readonly database: Database,
    private readonly verifications: Verifications,
    private readonly credentialKey: CredentialKey,
    private readonly outbox: Outbox,
  ) {}

  /** A flow that is confirmed stays so, whatever is tried; a code counts as tried only if it is compared. */
  async run(flowId: string, credential: Credential): Promise<Confirmation> {
    const flow = await this.verifications.find(flowId);
    if (!flow) return 'invalid';
    linkToRequest(flow.traceparent);
    if (flow.confirmed) return 'confirmed';
    return this.database.change([flow.accountId], (tx) =>
      'code' in credential ? this.#byCode(tx, flow, credential.code) : this.#byLink(tx, flow, credential.token),
    );
  }

  async #byCode(tx: Tx, flow: Flow, code: string): Promise<Confirmation> {
    const attempt = await this.verifications.confirmByCode(tx, flow.id, this.credentialKey.codeProof(flow.id, code));
    if (attempt.result === 'confirmed') return this.#confirmed(tx, flow, 'code');
    if (attempt.result === 'unchanged') return this.#refusal(tx, flow, 'code');
    if (attempt.wrongCodes === WRONG_CODES_MAX) {
      await this.outbox.append(tx, verificationLocked, { ...idsOf(flow), wrong_codes: attempt.wrongCodes });
    }
    return 'invalid';
  }

  async #byLink(tx: Tx, flow: Flow, token: string): Promise<Confirmation> {
    const proof = this.credentialKey.linkProof(flow.id, token);
    if (await this.verifications.confirmByLink(tx, flow.id, proof)) return this.#confirmed(tx, flow, 'link');
    return this.#refusal(tx, flow, 'link');
  }

  async #confirmed(tx: Tx, flow: Flow, method: 'code' | 'link'): Promise<'confirmed'> {
    await this.outbox.append(tx, emailVerified, { ...idsOf(flow), method });
    return 'confirmed';
  }

  /** Why nothing was changed. Another request may have confirmed the flow since it was read. */
  async #refusal(tx: Tx, { id }: Flow, method: 'code' | 'link'): Promise<Confirmation> {
    const flow = await this.verifications.find(id, tx);
    const state = flow ? stateOf(flow) : 'pending';
    if (state === 'pending' || (state === 'locked' && method === 'link')) return 'invalid';
    return state;
  }
}

function idsOf(flow: Flow) {
  return { flow_id: flow.id, account_id: flow.accountId, address_id: flow.addressId };
}
