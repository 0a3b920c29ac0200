import { createHash } from 'node:crypto';
import { headersOf } from '../wire.ts';
import type { KafkaRecord } from '../wire.ts';

/** An index entry of PostgreSQL takes 2,704 bytes at most; our own keys and ids have 300 at most. */
const MAX_LENGTH = 500;

/**
 * `text` as PostgreSQL can store and index it, whatever a producer sent: a text that is far too long or holds a NUL is
 * named by its digest, so that two that are the same still meet.
 */
export function storableText(text: string): string {
  return text.length > MAX_LENGTH || text.includes('\0') ? digest(text) : text;
}

/** The key by which a record is ordered and parked. One that is no text is named by its digest; none stands alone. */
export function orderingKey(record: KafkaRecord): string {
  const { key, partition, offset } = record;
  if (key === null) return storableText(headersOf(record.headers)['ce_subject'] ?? `unkeyed:${partition}:${offset}`);
  try {
    return storableText(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(key));
  } catch {
    return digest(key);
  }
}

function digest(content: string | Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
