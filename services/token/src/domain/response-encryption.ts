import type { ClientMetadata, ContentEncryption, KeyEncryption } from '@gatehouse/contracts';

/** What can be encrypted to a client: ID tokens (OIDC Core 2), userinfo (5.3.2), introspection answers (RFC 9701 6). */
export type EncryptedResponse = 'id_token' | 'userinfo' | 'introspection';

export interface ResponseEncryption {
  readonly alg: KeyEncryption;
  readonly enc: ContentEncryption;
}

/** A public JWK (RFC 7517 4), registered or fetched. */
type Key = Readonly<Record<string, unknown>> & { readonly kty: string; readonly kid?: string | undefined };

/** Null where the client gets its answers in plain. OIDC Registration 2: A128CBC-HS256 unless it says otherwise. */
export function encryptionOf(
  metadata: Partial<ClientMetadata>,
  response: EncryptedResponse,
): ResponseEncryption | null {
  const alg = metadata[`${response}_encrypted_response_alg`];
  const enc = metadata[`${response}_encrypted_response_enc`] ?? 'A128CBC-HS256';
  return alg === undefined ? null : { alg, enc };
}

/** The key that a client registered for this (RFC 7517 4.2): one that it signs with is never encrypted to. */
export function encryptionKeyOf<K extends Key>(keys: readonly K[], alg: KeyEncryption): K | undefined {
  return keys.find((key) => key['use'] === 'enc' && (key['alg'] ?? alg) === alg && isOfKind(key, alg));
}

/** RFC 7518 4.1 and RFC 8037 3.2: Ed25519 signs and nothing else. */
function isOfKind({ kty, crv }: Key, alg: KeyEncryption): boolean {
  if (alg === 'RSA-OAEP-256') return kty === 'RSA';
  return kty === 'EC' || (kty === 'OKP' && crv === 'X25519');
}
