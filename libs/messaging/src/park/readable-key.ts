import { createHash } from 'node:crypto';
import { headersOf } from '../wire.ts';
import type { KafkaRecord } from '../wire.ts';

/** An index entry of PostgreSQL takes 2,704 bytes at most; our own keys have 300 at most. */
const MAX_KEY_LENGTH = 500;

/**
 * The key by which a record is ordered and parked, always one that PostgreSQL can store and index: whatever a producer
 * sent must not stop its partition. A key that is no text, or far too long, is named by its digest, so that two records
 * with the same key still meet; a record without any key stands alone.
 */
export function orderingKey(record: KafkaRecord): string {
  const { key, partition, offset } = record;
  if (key === null) return storable(headersOf(record.headers)['ce_subject'] ?? `unkeyed:${partition}:${offset}`);
  try {
    return storable(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(key));
  } catch {
    return digest(key);
  }
}

function storable(key: string): string {
  return key.length > MAX_KEY_LENGTH || key.includes('\0') ? digest(key) : key;
}

function digest(key: string | Buffer): string {
  return `sha256:${createHash('sha256').update(key).digest('hex')}`;
}
