import { createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto';

/** A P-256 public key in memory that `isSignedBy` takes. */
export type Es256Key = KeyObject & { readonly dsaEncoding: 'ieee-p1363' };

/** A JWS in its compact form, taken apart and not verified yet. */
export interface CompactJws {
  readonly header: Readonly<Record<string, unknown>>;
  /** Its bytes are JSON, but nothing more is known. */
  readonly claims: unknown;
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

/** RFC 7515 5.2, steps 1 to 4, each part in its only base64url spelling; undefined where the text is no such JWS of JSON. */
export function parseCompactJws(text: string): CompactJws | undefined {
  const parts = text.split('.');
  const [header, claims, signature] = parts.map(decoded);
  if (parts.length !== 3 || !header || !claims || !signature) return undefined;
  try {
    const parsed: unknown = JSON.parse(utf8.decode(header));
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    const signingInput = text.slice(0, text.lastIndexOf('.'));
    return { header: { ...parsed }, claims: JSON.parse(utf8.decode(claims)) as unknown, signingInput, signature };
  } catch {
    return undefined;
  }
}

/** RFC 7518 3.4. */
export function isSignedBy({ signingInput, signature }: CompactJws, key: Es256Key): boolean {
  return verify('sha256', Buffer.from(signingInput), key, signature);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Lenient decoders take several spellings for the same bytes, and so would take a changed token for the same one. */
function decoded(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}
