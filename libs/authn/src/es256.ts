import { createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto';
import { compactParts } from './compact-jwt.ts';

/** A P-256 public key in memory that `isSignedBy` takes. */
export type Es256Key = KeyObject & { readonly dsaEncoding: 'ieee-p1363' };

/** A JWS in its compact form, taken apart and not verified yet. */
export interface CompactJws {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Buffer;
  readonly signingInput: string;
  readonly signature: Buffer;
}

/**
 * The key as ES256 needs it: JWS signatures are the two numbers side by side (RFC 7518 3.4). The encoding stands on the key
 * itself, because Node takes an object around a key for an unknown thing first, and the exceptions inside cost as much
 * as the verification.
 * @throws Error where the JWK is no point of P-256
 */
export function es256Key(jwk: JsonWebKey): Es256Key {
  return Object.assign(createPublicKey({ format: 'jwk', key: jwk }), { dsaEncoding: 'ieee-p1363' } as const);
}

/** RFC 7515 5.2, steps 1 to 4; undefined where the text is no JWS with a JSON object as its header. */
export function parseCompactJws(text: string): CompactJws | undefined {
  const [headerBytes, payload, signature] = compactParts(text) ?? [];
  const header = headerBytes && jsonOf(headerBytes);
  if (!payload || !signature || typeof header !== 'object' || header === null || Array.isArray(header))
    return undefined;
  return { header: { ...header }, payload, signingInput: text.slice(0, text.lastIndexOf('.')), signature };
}

/** What the bytes say, as UTF-8 and nothing else (RFC 7515 2); undefined where they are no JSON. */
export function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}

/** RFC 7518 3.4. */
export function isSignedBy({ signingInput, signature }: CompactJws, key: Es256Key): boolean {
  return verify('sha256', Buffer.from(signingInput), key, signature);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
