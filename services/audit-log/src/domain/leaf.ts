import { hash } from 'node:crypto';

const LEAF_PREFIX = Buffer.of(0x00);

/** RFC 9162 2.1.1 (and RFC 6962 2.1): SHA-256 over 0x00 and the entry's bytes, so that no leaf can pass for a node. */
export function leafHash(entry: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([LEAF_PREFIX, entry]), 'buffer');
}
