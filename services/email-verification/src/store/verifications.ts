import type { Tx } from '@gatehouse/database';
import type { Proof } from '../domain/credentials.ts';
import type { FlowPurpose } from '../flows.ts';
import type { FlowStanding } from '../domain/verification-state.ts';

export interface NewFlow {
  readonly id: string;
  readonly purpose: FlowPurpose;
  readonly accountId: string;
  readonly addressId: string;
  readonly email: string;
  /** BCP 47 tag. */
  readonly locale: string | null;
  /** Of the request that the flow began with; a later confirmation links to it. */
  readonly traceparent: string | null;
}

export interface Flow extends FlowStanding {
  readonly id: string;
  readonly purpose: FlowPurpose;
  readonly accountId: string;
  readonly addressId: string;
  readonly traceparent: string | null;
}

/** `unchanged`: the flow takes no code any more (confirmed, expired or locked), so the code was not even looked at. */
export type CodeAttempt =
  | { readonly result: 'confirmed' }
  | { readonly result: 'unchanged' }
  | { readonly result: 'wrong'; readonly wrongCodes: number };

/** Mail flows with the credentials that confirm them. Every moment is the database's. */
export abstract class Verifications {
  /** @returns false, and changes nothing, where the flow exists already */
  abstract start(tx: Tx, flow: NewFlow): Promise<boolean>;
  /** Null where there is none, which a caller from outside must not learn. */
  abstract find(flowId: string, tx?: Tx): Promise<Flow | null>;
  /**
   * Confirms the flow if `proof` belongs to one of its last messages that is still valid, and counts a wrong code
   * otherwise: one statement, so that however many codes are tried at once, no more than the limit are looked at.
   */
  abstract confirmByCode(tx: Tx, flowId: string, proof: Proof): Promise<CodeAttempt>;
  /** @returns whether this call confirmed the flow; wrong codes do not lock a link */
  abstract confirmByLink(tx: Tx, flowId: string, proof: Proof): Promise<boolean>;
  /** Takes one of the flow's resends; @returns false while the pause lasts, at the limit and for a confirmed flow */
  abstract takeResend(tx: Tx, flowId: string): Promise<boolean>;
}
