import {
  constants,
  createPrivateKey,
  generateKeyPair,
  sign,
  type JsonWebKey,
  type KeyObject,
  type KeyPairKeyObjectResult,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { OutputOf, readJwks } from '@gatehouse/contracts';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { SigningAlgorithm } from '@gatehouse/contracts';
import type { StoredSigningKey } from '../store/signing-keys.ts';

/** What access tokens are signed with (RFC 9068 2.1), and everything that nobody chose another algorithm for. */
export const SIGNING_ALGORITHM = 'ES256';

/** RFC 7517 4: the public half as the JWKS shows it. */
export type PublicJwk = OutputOf<typeof readJwks>['keys'][number];

/** A new key pair in memory, before its private half is sealed. */
export interface NewSigningKey {
  /** The thumbprint of the key (RFC 7638). */
  readonly kid: string;
  readonly publicJwk: JWK;
  readonly pkcs8: string;
}

/** RFC 7518 3.3 asks for 2048 bits at least; more costs each signature several times as much. */
const RSA_BITS = 2_048;

const generate = promisify(generateKeyPair) as {
  (type: 'ec', options: { namedCurve: string }): Promise<KeyPairKeyObjectResult>;
  (type: 'rsa', options: { modulusLength: number }): Promise<KeyPairKeyObjectResult>;
  (type: 'ed25519', options: object): Promise<KeyPairKeyObjectResult>;
};

const algorithms: Readonly<
  Record<
    SigningAlgorithm,
    { create: () => Promise<KeyPairKeyObjectResult>; sign: (input: Buffer, key: KeyObject) => Buffer }
  >
> = {
  ES256: {
    create: () => generate('ec', { namedCurve: 'P-256' }),
    sign: (input, key) => sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }),
  },
  RS256: {
    create: () => generate('rsa', { modulusLength: RSA_BITS }),
    sign: (input, key) => sign('sha256', input, key),
  },
  PS256: {
    create: () => generate('rsa', { modulusLength: RSA_BITS }),
    sign: (input, key) =>
      sign('sha256', input, {
        key,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      }),
  },
  EdDSA: {
    create: () => generate('ed25519', {}),
    sign: (input, key) => sign(null, input, key),
  },
};

export async function createSigningKey(algorithm: SigningAlgorithm): Promise<NewSigningKey> {
  const { publicKey, privateKey } = await algorithms[algorithm].create();
  const publicJwk = publicKey.export({ format: 'jwk' }) as JsonWebKey & JWK;
  const pkcs8 = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return { kid: await calculateJwkThumbprint(publicJwk), publicJwk, pkcs8 };
}

/** What signs the input of a JWS with one key (RFC 7515 5.1). */
export function signerWith(pkcs8: string, algorithm: SigningAlgorithm): (input: Buffer) => Buffer {
  const key = createPrivateKey(pkcs8);
  const { sign: signWith } = algorithms[algorithm];
  return (input) => signWith(input, key);
}

/** Only what is public of the stored key, whatever else the row has. */
export function jwkOf({ kid, algorithm, publicJwk }: StoredSigningKey): PublicJwk {
  const { x = '', y = '', n = '', e = '' } = publicJwk;
  switch (algorithm) {
    case 'ES256':
      return { kty: 'EC', crv: 'P-256', x, y, kid, alg: algorithm, use: 'sig' };
    case 'EdDSA':
      return { kty: 'OKP', crv: 'Ed25519', x, kid, alg: algorithm, use: 'sig' };
    default:
      return { kty: 'RSA', n, e, kid, alg: algorithm, use: 'sig' };
  }
}
