import { createHmac } from 'node:crypto';

/** What one mail lets its reader prove themselves with. */
export interface Credentials {
  /** 8 characters of Crockford's base 32: 40 bits. */
  readonly code: string;
  /** 256 bits, base64url. */
  readonly token: string;
}

/** What is stored and compared in place of a credential: useless to whoever reads the database. */
export type Proof = Buffer;

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LENGTH = 8;

/**
 * Derives the code and the link token of a message from the service's key, so that a message that is sent again carries
 * the same ones and neither is stored anywhere. A proof is bound to its flow: the same code in two flows has two proofs.
 */
export class CredentialKey {
  readonly #key: Buffer;

  /** `key`: at least 256 random bits. */
  constructor(key: Buffer) {
    this.#key = key;
  }

  derive(messageId: string): Credentials {
    return {
      code: toCode(this.#hmac('code', messageId)),
      token: this.#hmac('link token', messageId).toString('base64url'),
    };
  }

  /** `code` in its canonical form, as `verificationCode` parses it. */
  codeProof(flowId: string, code: string): Proof {
    return this.#hmac('code proof', flowId, code);
  }

  linkProof(flowId: string, token: string): Proof {
    return this.#hmac('link proof', flowId, token);
  }

  /** The label keeps the uses of the key apart; no part can hold the separator. */
  #hmac(label: string, ...parts: readonly string[]): Buffer {
    return createHmac('sha256', this.#key)
      .update([label, ...parts].join('\0'))
      .digest();
  }
}

/** 5 bits a character; 32 divides 256, so every character is equally likely. */
function toCode(bytes: Buffer): string {
  return Array.from(bytes.subarray(0, CODE_LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}
