import { createHash } from 'node:crypto';

/** The signed 64-bit number that stands for `key` in PostgreSQL's advisory locks: the first 8 bytes of its SHA-256. */
export function advisoryKey(key: string): bigint {
  return createHash('sha256').update(key).digest().readBigInt64BE(0);
}

/** The advisory keys of `keys`, each once and ascending: the one order in which every transaction takes them. */
export function advisoryKeys(keys: Iterable<string>): bigint[] {
  return [...new Set(Array.from(keys, advisoryKey))].sort((a, b) => (a < b ? -1 : 1));
}
