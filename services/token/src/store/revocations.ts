import type { LiveRevocation } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import type { Revocation } from '../domain/revocation.ts';

/** A stretch of the live revocations, and how far the numbers went when it was read. */
export interface RevocationStretch {
  readonly head: number;
  readonly revocations: LiveRevocation[];
}

/**
 * What was revoked before its expiry, by the key of its record in the topic (`scope:id`). Revocations are numbered without
 * gaps in the order of their commits, so a committed number is at or below the head, and so is every one before it.
 */
export abstract class Revocations {
  /**
   * Numbers it and remembers it. The counter stays locked until the commit: the last thing that a transaction locks.
   * @returns its number; null, and nothing changes, where it is revoked already, at no lower version
   */
  abstract add(tx: Tx, key: string, revocation: Revocation): Promise<number | null>;
  /** The number of the last committed revocation; 0 before the first. */
  abstract head(): Promise<number>;
  /** At most `limit` live ones above `after`, in the order of their numbers, with the head of the same moment. */
  abstract since(after: number, limit: number, now: Date): Promise<RevocationStretch>;
  /** Keys that expired before `now`, oldest first. */
  abstract expired(now: Date, limit: number): Promise<string[]>;
  /** Forgets those of `keys` that expired before `now`, and returns them. */
  abstract forget(tx: Tx, keys: readonly string[], now: Date): Promise<string[]>;
}
