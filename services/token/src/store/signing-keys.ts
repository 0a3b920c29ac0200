import type { JWK } from 'jose';
import type { Tx } from '@gatehouse/database';
import type { KeyTimes } from '../domain/key-lifecycle.ts';

/** The private half of a key under a master key; `masterKeyId` is null where the row is older than that name. */
export interface SealedKey {
  readonly sealedPrivateKey: Buffer;
  readonly masterKeyId: string | null;
}

/** A key as it is stored: the public half in the clear, the private half sealed, and null once it is gone or revoked. */
export interface StoredSigningKey extends KeyTimes {
  readonly publicJwk: JWK;
  readonly sealed: SealedKey | null;
}

/** A key that can still sign or be verified with. */
export type LivingSigningKey = StoredSigningKey & { readonly sealed: SealedKey };

/** The keys that sign tokens, shared by every instance. Changes are made under the lock `SIGNING_KEYS`. */
export abstract class SigningKeys {
  /** Every key that is neither gone nor revoked, oldest first. */
  abstract living(tx?: Tx): Promise<LivingSigningKey[]>;
  /** The latest keys whatever became of them, newest first. */
  abstract latest(limit: number): Promise<StoredSigningKey[]>;
  abstract find(tx: Tx, kid: string): Promise<StoredSigningKey | null>;
  abstract add(tx: Tx, key: LivingSigningKey): Promise<void>;
  abstract activate(tx: Tx, kid: string, activeFrom: Date): Promise<void>;
  abstract retire(tx: Tx, kid: string, retiringFrom: Date, goneAt: Date): Promise<void>;
  abstract reseal(tx: Tx, kid: string, sealed: SealedKey): Promise<void>;
  /** Erases the private half of a key that has left the JWKS. */
  abstract erase(tx: Tx, kid: string): Promise<void>;
  /** Marks it, takes it out of the JWKS, and erases its private half. */
  abstract revoke(tx: Tx, kid: string, now: Date): Promise<void>;
}

/** The aggregate of all signing keys: the key of its events, and the lock of its changes. */
export const SIGNING_KEYS = 'signing-keys';
