import type { MessageState } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import type { Proof } from '../domain/credentials.ts';
import type { FlowPurpose } from '../flows.ts';

export interface NewMessage {
  /** UUIDv7: also the order of the messages of a flow. */
  readonly id: string;
  readonly flowId: string;
  /** How long sending is tried, and at most how long the credentials live, from now. */
  readonly lifetimeSecondsMax: number;
  /** Null where the mail carries no credential. */
  readonly proofs: { readonly code: Proof; readonly link: Proof } | null;
  readonly traceparent: string | null;
}

/** A message that this process has taken for one attempt. */
export interface DueMessage {
  readonly id: string;
  readonly flowId: string;
  readonly purpose: FlowPurpose;
  readonly accountId: string;
  readonly addressId: string;
  readonly email: string;
  readonly locale: string | null;
  readonly traceparent: string | null;
  /** The number of this attempt: no other process holds the same one. */
  readonly attempt: number;
  /** Temporary refusals of this message so far. */
  readonly failures: number;
  /** The SMTP reply code of the last refusal. */
  readonly lastReply: number | null;
  /** Its credentials are dead, so there is nothing left to send. */
  readonly expired: boolean;
}

export interface Postponement {
  readonly pauseMs: number;
  readonly reply: number | null;
  /** Whether it was this message that failed, and not the mail server as a whole. */
  readonly countsAsFailure: boolean;
}

export interface MessageFate {
  readonly id: string;
  readonly flowId: string;
  readonly accountId: string;
  readonly addressId: string;
  readonly purpose: FlowPurpose;
  readonly state: MessageState;
  readonly attempts: number;
  readonly lastReply: number | null;
  readonly createdAt: Date;
  readonly nextAttemptAt: Date;
  readonly endedAt: Date | null;
}

/** The messages to send. A message is held by a lease that is committed, so no transaction is open during SMTP. */
export abstract class SendQueue {
  abstract add(tx: Tx, message: NewMessage): Promise<void>;
  /**
   * Takes up to `limit` messages that are due, the longest waiting first, each for `leaseMs`: whoever takes one has to
   * record what became of it by then, else it is taken again.
   */
  abstract take(limit: number, leaseMs: number): Promise<DueMessage[]>;
  /**
   * The mail server took the message; its credentials live `lifetimeSeconds` from now.
   * @returns false where the message had ended before
   */
  abstract recordSent(tx: Tx, message: DueMessage, lifetimeSeconds: number): Promise<boolean>;
  /** @returns false where the message had ended before, or another process holds it by now */
  abstract recordFailed(tx: Tx, message: DueMessage, reply: number | null): Promise<boolean>;
  /** Due again after the pause; does nothing where another process holds the message by now. */
  abstract postpone(message: DueMessage, postponement: Postponement): Promise<void>;
  /** Newest first; `before` is the id of the last message of the page before. */
  abstract list(filter: { state?: MessageState; before?: string; limit: number }): Promise<MessageFate[]>;
  /** Messages that wait, and how long the one has waited that is due the longest, in seconds. */
  abstract backlog(): Promise<{ queued: number; overdueSeconds: number }>;
}
