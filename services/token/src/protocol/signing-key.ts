import { createPrivateKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, exportPKCS8, generateKeyPair, importJWK, type CryptoKey } from 'jose';
import type { StoredSigningKey } from '../store/signing-keys.ts';
import { openPrivateKey, sealPrivateKey } from './sealed-private-key.ts';

export const SIGNING_ALGORITHM = 'ES256';

/** A new key, its private half sealed with `encryptionKey`. Its id is its thumbprint (RFC 7638). */
export async function createSigningKey(encryptionKey: Buffer): Promise<StoredSigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
  const publicJwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  return { kid, publicJwk, sealedPrivateKey: sealPrivateKey(await exportPKCS8(privateKey), kid, encryptionKey) };
}

export function privateKeyOf({ kid, sealedPrivateKey }: StoredSigningKey, encryptionKey: Buffer): KeyObject {
  return createPrivateKey(openPrivateKey(sealedPrivateKey, kid, encryptionKey));
}

export async function publicKeyOf({ publicJwk }: StoredSigningKey): Promise<CryptoKey> {
  return (await importJWK(publicJwk, SIGNING_ALGORITHM)) as CryptoKey; // -- only `oct` keys import as bytes
}

/** RFC 7517 4: the public half as the JWKS shows it. */
export function jwkOf({ kid, publicJwk: { x = '', y = '' } }: StoredSigningKey) {
  return { kty: 'EC', crv: 'P-256', x, y, kid, alg: SIGNING_ALGORITHM, use: 'sig' } as const;
}
export type PublicJwk = ReturnType<typeof jwkOf>;
