import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { basic } from './token.spec-support.ts';

/** A key of a client that proves its token requests (RFC 9449 4); it uses the nonce that the server asks for. */
export class DpopKey {
  private nonce: string | undefined;

  private constructor(
    readonly jkt: string,
    private readonly jwk: JWK,
    private readonly privateKey: CryptoKey,
  ) {}

  static async make(): Promise<DpopKey> {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(publicKey);
    return new DpopKey(await calculateJwkThumbprint(jwk), jwk, privateKey);
  }

  /** A POST of a form with a proof, at the second try where the first had no nonce that counts. */
  async post(url: string, form: URLSearchParams, client?: { id: string; secret: string }): Promise<Response> {
    const send = async () => {
      const authorization = client && basic(client.id, client.secret);
      const headers = { dpop: await this.proofOf(url), ...(authorization !== undefined && { authorization }) };
      return fetch(url, { method: 'POST', headers, body: form });
    };
    const first = await send();
    const asked =
      first.status === 400 && ((await first.clone().json()) as { error: string }).error === 'use_dpop_nonce';
    this.nonce = first.headers.get('dpop-nonce') ?? this.nonce;
    return asked ? send() : first;
  }

  private proofOf(htu: string): Promise<string> {
    const iat = Math.floor(Date.now() / 1_000);
    return new SignJWT({
      jti: randomUUID(),
      htm: 'POST',
      htu,
      iat,
      ...(this.nonce !== undefined && { nonce: this.nonce }),
    })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: this.jwk })
      .sign(this.privateKey);
  }
}
