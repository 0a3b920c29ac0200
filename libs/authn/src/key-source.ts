import type { Es256Key } from './es256.ts';

/**
 * Where the issuer's public keys come from: its JWKS over HTTP (`JwksKeySource`), or, inside the token service, its own
 * database.
 */
export abstract class KeySource {
  /**
   * The ES256 public key named `kid`; undefined when the issuer has no such key. Throws `dependency-unavailable` when that
   * cannot be told.
   */
  abstract find(kid: string): Promise<Es256Key | undefined>;
}
