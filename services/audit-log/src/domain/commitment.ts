import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';

/** Long enough that nobody finds a short value, such as an IP address, by trying all. */
export const SALT_BYTES = 32;

/** A value that was kept out of an entry, and what proves that it belongs there. */
export interface SealedValue {
  /** RFC 6901 pointer of the field that it replaces. */
  readonly pointer: string;
  /** Id of the person whom it concerns; null where nobody is known. */
  readonly subject: string | null;
  readonly salt: Buffer;
  readonly value: unknown;
}

/**
 * Binds an entry to a value without showing it: base64url of SHA-256 over the salt and the canonical JSON of
 * `[pointer, value]`. The pointer is part of it, so that a value cannot be moved to another field.
 */
export function commitmentOf({ pointer, salt, value }: Pick<SealedValue, 'pointer' | 'salt' | 'value'>): string {
  if (salt.length !== SALT_BYTES) throw new RangeError(`a salt has ${SALT_BYTES} bytes, this one ${salt.length}`);
  const preimage = Buffer.concat([salt, Buffer.from(canonicalJson([pointer, value]))]);
  return hash('sha256', preimage, 'buffer').toString('base64url');
}

/** The RFC 6901 pointer of a member of an object. */
export function pointerTo(...names: readonly string[]): string {
  return names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
