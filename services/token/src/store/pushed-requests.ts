import type { Tx } from '@gatehouse/database';
import type { AuthorizationRequest } from '../domain/authorization-request.ts';

/** Which pushed request is opened, by whom. */
export interface OpenedRequest {
  readonly referenceHash: Buffer;
  readonly clientId: string;
  readonly browserHash: Buffer;
}

/** Pushed authorization requests (RFC 9126), by the hash of their reference. */
export abstract class PushedRequests {
  abstract add(referenceHash: Buffer, request: AuthorizationRequest, expiresAt: Date): Promise<void>;
  /**
   * Binds the request to the first browser that opens it; the same browser may open it again, e.g. by a reload.
   * @returns null where it is unknown, expired, answered, another client's or another browser's
   */
  abstract open(opened: OpenedRequest, now: Date): Promise<AuthorizationRequest | null>;
  /** Marks it answered. @returns false where it was answered already */
  abstract consume(tx: Tx, referenceHash: Buffer, now: Date): Promise<boolean>;
}
