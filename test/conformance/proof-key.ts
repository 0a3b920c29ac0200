import { hash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

export const seconds = (): number => Math.floor(Date.now() / 1_000);

/** What a module changes in a JWT that is good otherwise; a member that is undefined is left out. */
export interface JwtChanges {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** After the signature. */
  readonly spoil?: (jwt: string) => string;
}

/** A key that tokens are bound to (RFC 9449), with the last nonce that the server gave for it. */
export class ProofKey {
  nonce: string | undefined;

  private constructor(
    readonly jkt: string,
    readonly jwk: JWK,
    readonly privateKey: CryptoKey,
  ) {}

  static async make(): Promise<ProofKey> {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(publicKey);
    return new ProofKey(await calculateJwkThumbprint(jwk), jwk, privateKey);
  }

  async proof(
    { htm, htu, accessToken }: { htm: string; htu: string; accessToken?: string | undefined },
    { claims, header, spoil = (jwt) => jwt }: JwtChanges = {},
  ): Promise<string> {
    const ath = accessToken === undefined ? undefined : hash('sha256', accessToken, 'base64url');
    const jwt = await new SignJWT({ jti: randomUUID(), htm, htu, iat: seconds(), nonce: this.nonce, ath, ...claims })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: this.jwk, ...header })
      .sign(this.privateKey);
    return spoil(jwt);
  }
}
