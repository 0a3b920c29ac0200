import { deadLetters } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import { BASE64_PAYLOAD } from '../outbox/binary-payload.ts';
import { headersOf } from '../wire.ts';
import type { KafkaRecord } from '../wire.ts';
import type { Failure } from './parked-message.ts';
import { orderingKey } from './storable-text.ts';

/** A larger value is left out of the copy: no request of the relay may exceed what the broker takes. */
const MAX_COPIED_BYTES = 256 * 1_024;
/** The headers of our own events are far smaller; a foreign record's must not make the copy unsendable either. */
const MAX_COPIED_HEADER_BYTES = 32 * 1_024;

/**
 * Copies a dead letter to the service's dead-letter topic, for other tools. The copy is a row of the outbox in the
 * parking transaction: it can neither be lost nor hold the consumer up. It has the original key, bytes and headers, and
 * `gatehouse-dead-letter-*` headers that say where it came from and why it failed.
 */
export async function copyDeadLetter(tx: Tx, service: Service, record: KafkaRecord, failure: Failure): Promise<void> {
  const { payload, headers } = payloadOf(record.value);
  await tx.query('INSERT INTO outbox (topic, key, headers, payload) VALUES ($1, $2, $3, $4)', [
    deadLetters[service].name,
    orderingKey(record),
    JSON.stringify({ ...originalHeaders(record), ...failureHeaders(record, failure), ...headers }),
    payload,
  ]);
}

function failureHeaders({ topic, partition, offset }: KafkaRecord, failure: Failure): Record<string, string> {
  return {
    'gatehouse-dead-letter-topic': topic,
    'gatehouse-dead-letter-partition': String(partition),
    'gatehouse-dead-letter-offset': offset,
    'gatehouse-dead-letter-error-class': failure.errorClass,
    'gatehouse-dead-letter-error-message': failure.errorMessage,
    'gatehouse-dead-letter-attempts': String(failure.attempts),
    'gatehouse-dead-letter-first-seen': failure.firstSeenAt.toISOString(),
  };
}

function originalHeaders(record: KafkaRecord): Record<string, string> {
  const copied: Record<string, string> = {};
  let bytes = 0;
  for (const [name, value] of Object.entries(headersOf(record.headers))) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
    if (bytes <= MAX_COPIED_HEADER_BYTES) copied[name] = value;
  }
  return copied;
}

/** The outbox stores text; what is none travels in base64 as far as the relay, which sends the original bytes. */
function payloadOf(value: Buffer | null): { payload: string | null; headers: Record<string, string> } {
  if (value === null) return { payload: null, headers: {} };
  if (value.length > MAX_COPIED_BYTES) {
    return { payload: '', headers: { 'gatehouse-dead-letter-omitted-bytes': String(value.length) } };
  }
  return { payload: value.toString('base64'), headers: { [BASE64_PAYLOAD]: 'true' } };
}
