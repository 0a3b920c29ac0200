import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { ClientMetadata } from '@gatehouse/contracts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ACCOUNT_BYTES = 16;

/** Sub-keys of the server's key for pairwise subjects (RFC 5869). */
export interface PairwiseKeys {
  readonly hashing: KeyObject;
  readonly sealing: KeyObject;
}

export function pairwiseKeysOf(key: Buffer): PairwiseKeys {
  const subKey = (use: string) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', key, '', `gatehouse pairwise subjects ${use}`, 32)));
  return { hashing: subKey('hashing'), sealing: subKey('sealing') };
}

/**
 * OIDC Core 8.1: clients of one sector call an account the same, clients of two do not, and nobody without the key can tell
 * that both are one. The identifier is a keyed hash of sector and account, under which the account is sealed: so the server
 * finds the account again and stores nothing. Deterministic: one hash belongs to one plaintext, so that the nonce
 * repeats only with everything else.
 */
export function pairwiseSubject(accountId: string, sector: string, { hashing, sealing }: PairwiseKeys): string {
  const hash = createHmac('sha256', hashing).update(`${sector}\0${accountId}`).digest();
  const nonce = hash.subarray(0, NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, sealing, nonce, { authTagLength: TAG_BYTES });
  const sealed = Buffer.concat([cipher.update(bytesOf(accountId)), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url');
}

/** The account that a pairwise subject was made of, for whichever sector; null where these keys did not make it. */
export function accountOfPairwise(subject: string, { sealing }: PairwiseKeys): string | null {
  const bytes = Buffer.from(subject, 'base64url');
  const whole = bytes.length === NONCE_BYTES + ACCOUNT_BYTES + TAG_BYTES && bytes.toString('base64url') === subject;
  if (!whole) return null;
  const decipher = createDecipheriv(CIPHER, sealing, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const account = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    decipher.final();
    return uuidOf(account);
  } catch {
    return null;
  }
}

type SectorMembers = Pick<ClientMetadata, 'sector_identifier_uri' | 'redirect_uris' | 'application_type'>;

/**
 * The sector of a client (OIDC Core 8.1): the host of its sector_identifier_uri, else the one host of its redirect URIs. Null
 * where they name several or none; nor is the loopback interface of a native application, where all of them live, anybody's.
 */
export function sectorOf({ sector_identifier_uri, redirect_uris, application_type }: SectorMembers): string | null {
  if (sector_identifier_uri !== undefined) return URL.parse(sector_identifier_uri)?.hostname || null;
  if (application_type === 'native' && redirect_uris.some((uri) => uri.startsWith('http:'))) return null;
  const hosts = new Set(redirect_uris.map((uri) => URL.parse(uri)?.hostname ?? ''));
  const [host = ''] = hosts;
  return hosts.size === 1 && host !== '' ? host : null;
}

/** The 16 bytes of a UUID. */
function bytesOf(uuid: string): Buffer {
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  if (bytes.length !== ACCOUNT_BYTES) throw new Error('only accounts, whose ids are UUIDs, have pairwise subjects');
  return bytes;
}

function uuidOf(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
