import { randomBytes } from 'node:crypto';
import { SALT_BYTES } from '../domain/commitment.ts';

/** Drawn together, because a call for 32 bytes costs nearly as much as one for 4,000. */
const SALTS_AT_ONCE = 128;

let pool = Buffer.alloc(0);

/** 32 random bytes that nobody was given before. */
export function newSalt(): Buffer {
  if (pool.length === 0) pool = randomBytes(SALTS_AT_ONCE * SALT_BYTES);
  const salt = pool.subarray(0, SALT_BYTES);
  pool = pool.subarray(SALT_BYTES);
  return salt;
}
