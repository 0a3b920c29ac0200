import { randomFillSync } from 'node:crypto';

const ID_BYTES = 16;
/** Random bytes for many ids at once: one call to the system for each id would cost more than everything else here. */
const pool = Buffer.alloc(256 * ID_BYTES);
let used = pool.length;

/** A time-ordered UUID (RFC 9562 5.7): 48 bits of Unix milliseconds, then 74 random bits. */
export function uuidv7(now: number = Date.now()): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const id = pool.subarray(used, (used += ID_BYTES));
  id.writeUIntBE(now, 0, 6);
  id.writeUInt8((id.readUInt8(6) & 0x0f) | 0x70, 6);
  id.writeUInt8((id.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = id.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
