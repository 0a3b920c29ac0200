import { hash, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey, JWK, JWTHeaderParameters, JWTPayload } from 'jose';

export interface ProofOptions {
  readonly method?: string;
  readonly url?: string;
  readonly accessToken?: string;
  readonly nonce?: string;
  /** Overrides or adds claims; `undefined` removes one. */
  readonly claims?: JWTPayload;
  readonly header?: Partial<JWTHeaderParameters>;
}

/** A client that holds a key and proves it. */
export class ProofMaker {
  private constructor(
    private readonly alg: string,
    readonly privateKey: CryptoKey,
    readonly publicJwk: JWK,
    readonly privateJwk: JWK,
  ) {}

  static async create(alg = 'ES256'): Promise<ProofMaker> {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    return new ProofMaker(alg, privateKey, await exportJWK(publicKey), await exportJWK(privateKey));
  }

  proof({ method = 'GET', url = '', accessToken, nonce, claims, header }: ProofOptions = {}): Promise<string> {
    return new SignJWT({
      jti: randomUUID(),
      htm: method,
      htu: url,
      iat: Math.floor(Date.now() / 1_000),
      ...(accessToken !== undefined && { ath: hash('sha256', accessToken, 'base64url') }),
      ...(nonce !== undefined && { nonce }),
      ...claims,
    })
      .setProtectedHeader({ alg: this.alg, typ: 'dpop+jwt', jwk: this.publicJwk, ...header })
      .sign(this.privateKey);
  }
}
