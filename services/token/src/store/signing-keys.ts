import type { JWK } from 'jose';

/** An ES256 key as it is stored: the public half in the clear, the private half sealed. */
export interface StoredSigningKey {
  readonly kid: string;
  readonly publicJwk: JWK;
  readonly sealedPrivateKey: Buffer;
}

/** The keys that sign tokens, shared by every instance. */
export abstract class SigningKeys {
  /**
   * Every key, oldest first. Where there is none, `create` makes the first one under a lock, so that instances which
   * start together agree on it.
   */
  abstract loadOrCreate(create: () => Promise<StoredSigningKey>): Promise<StoredSigningKey[]>;
}
