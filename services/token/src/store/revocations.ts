import type { Tx } from '@gatehouse/database';

/** What was revoked before its expiry, by the key of its record in the topic (`scope:id`). */
export abstract class Revocations {
  /** @returns false, and changes nothing, where it is revoked already */
  abstract add(tx: Tx, key: string, expiresAt: Date): Promise<boolean>;
  /** Extends a revocation that may be repeated, because its subject goes on to get new tokens. */
  abstract renew(tx: Tx, key: string, expiresAt: Date): Promise<void>;
  /** Keys that expired before `now`, oldest first. */
  abstract expired(now: Date, limit: number): Promise<string[]>;
  /** Forgets those of `keys` that expired before `now`, and returns them. */
  abstract forget(tx: Tx, keys: readonly string[], now: Date): Promise<string[]>;
}
