import {
  constants,
  createPrivateKey,
  generateKeyPair,
  sign,
  type JsonWebKey,
  type KeyPairKeyObjectResult,
  type SigningOptions,
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

/** How keys of an algorithm are made, the digest that they sign, and what a signature is beside its key and digest. */
interface Making {
  readonly create: () => Promise<KeyPairKeyObjectResult>;
  readonly digest: 'sha256' | null;
  readonly options: SigningOptions;
}

const rsa = () => generate('rsa', { modulusLength: RSA_BITS });

const algorithms: Readonly<Record<SigningAlgorithm, Making>> = {
  ES256: {
    create: () => generate('ec', { namedCurve: 'P-256' }),
    digest: 'sha256',
    options: { dsaEncoding: 'ieee-p1363' },
  },
  RS256: { create: rsa, digest: 'sha256', options: {} },
  PS256: {
    create: rsa,
    digest: 'sha256',
    options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  },
  EdDSA: { create: () => generate('ed25519', {}), digest: null, options: {} },
};

export async function createSigningKey(algorithm: SigningAlgorithm): Promise<NewSigningKey> {
  const { publicKey, privateKey } = await algorithms[algorithm].create();
  const publicJwk = publicKey.export({ format: 'jwk' }) as JsonWebKey & JWK;
  const pkcs8 = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return { kid: await calculateJwkThumbprint(publicJwk), publicJwk, pkcs8 };
}

/**
 * What signs the input of a JWS with one key (RFC 7515 5.1). The options stand on the key itself: `sign({ key, ...options })`
 * makes Node ask, by an exception each, whether the object around the key is a key, which costs more than the signature.
 */
export function signerWith(pkcs8: string, algorithm: SigningAlgorithm): (input: Buffer) => Buffer {
  const { digest, options } = algorithms[algorithm];
  const key = Object.assign(createPrivateKey(pkcs8), options);
  return (input) => sign(digest, input, key);
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
