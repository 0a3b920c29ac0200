import type { Tx } from '@gatehouse/database';
import type { AuthorizationRequest } from '../domain/authorization-request.ts';

/** An authorization request that waits for a login in the browser that made it. */
export interface PendingRequest extends AuthorizationRequest {
  readonly id: string;
  readonly requestedAt: Date;
  /** The unproven registration whose right password was given here; null otherwise. */
  readonly unverifiedFlowId: string | null;
  /** The device that the person is asked about (RFC 8628); null for a request of this browser. */
  readonly deviceGrantId: string | null;
}

export type NewPendingRequest = Omit<PendingRequest, 'unverifiedFlowId'> & {
  /** Of the pushed request that it comes from (RFC 9126); null otherwise. */
  readonly pushedHash: Buffer | null;
};

/** Pending authorization requests. Each is bound to one browser, by the hash of its cookie. */
export abstract class AuthorizationRequests {
  abstract add(request: NewPendingRequest, browserHash: Buffer, expiresAt: Date): Promise<void>;
  /** Null where it is unknown, answered, expired or another browser's. */
  abstract find(id: string, browserHash: Buffer, now: Date): Promise<PendingRequest | null>;
  /**
   * Removes it, so that it is answered once, as is the pushed request that it comes from.
   * @returns false where it was answered already, here or on another page of the same pushed request
   */
  abstract consume(tx: Tx, id: string, now: Date): Promise<boolean>;
  abstract rememberUnverified(tx: Tx, id: string, flowId: string): Promise<void>;
  /** @returns false where nothing was remembered */
  abstract forgetUnverified(tx: Tx, id: string): Promise<boolean>;
}
