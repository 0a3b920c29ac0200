import { Injectable } from '@nestjs/common';
import { OutboundFailed, OutboundRefused } from '@gatehouse/outbound';
import { Problem } from '@gatehouse/problem';
import { CompactEncrypt, errors, importJWK } from 'jose';
import type { Client } from '../domain/client.ts';
import {
  encryptionKeyOf,
  encryptionOf,
  type EncryptedResponse,
  type ResponseEncryption,
} from '../domain/response-encryption.ts';
import { ClientKeys } from './client-keys.ts';

/** JWTs that only the client can read, where it registered for that: signed first, then encrypted (RFC 7519 5.2). */
@Injectable()
export class EncryptedResponses {
  constructor(private readonly keys: ClientKeys) {}

  /**
   * Finds the client's key before anything is done that cannot be done again, such as using up a code.
   * @throws Problem dependency-unavailable where there is no key
   */
  async prepare(client: Client, response: EncryptedResponse): Promise<void> {
    const encryption = encryptionOf(client.metadata, response);
    if (encryption) await this.keyOf(client, encryption);
  }

  /** The signed JWT, encrypted where the client registered for it. @throws Problem like `prepare` */
  async encrypt(signed: string, client: Client, response: EncryptedResponse): Promise<string> {
    const encryption = encryptionOf(client.metadata, response);
    if (!encryption) return signed;
    const { kid, ...jwk } = await this.keyOf(client, encryption);
    const header = { ...encryption, cty: 'JWT', ...(kid !== undefined && { kid }) };
    try {
      const key = await importJWK(jwk, encryption.alg);
      return await new CompactEncrypt(Buffer.from(signed)).setProtectedHeader(header).encrypt(key);
    } catch (error) {
      // A key from behind a URL of the client's may be none, or too short.
      throw unavailable(error);
    }
  }

  private async keyOf(client: Client, { alg }: ResponseEncryption) {
    const key = encryptionKeyOf(await this.keysOf(client), alg);
    if (key) return key;
    throw unavailable(new errors.JWKSNoMatchingKey(`client ${client.id} has no key for ${alg}`));
  }

  private async keysOf(client: Client) {
    try {
      return await this.keys.all(client);
    } catch (error) {
      if (error instanceof OutboundFailed || error instanceof OutboundRefused) throw unavailable(error);
      throw error;
    }
  }
}

/** Never in plain instead: what a client wants encrypted may be nobody else's to read. */
function unavailable(cause: unknown): Problem {
  return new Problem('dependency-unavailable', {
    detail: 'The application has no key at hand that its answer can be encrypted to.',
    retryAfterSeconds: 5,
    cause,
  });
}
