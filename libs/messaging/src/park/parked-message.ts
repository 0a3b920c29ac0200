import { headersOf } from '../wire.ts';
import type { KafkaRecord } from '../wire.ts';
import { orderingKey, storableText } from './storable-text.ts';

/** Why a message was parked. */
export interface Failure {
  readonly errorClass: string;
  readonly errorMessage: string;
  /** How often it was tried; 0 for a message that only waits behind another of its key. */
  readonly attempts: number;
  readonly firstSeenAt: Date;
}

/** A message as `parked_message` keeps it, with everything to handle it again. */
export interface ParkedMessage extends Failure {
  /** Position in the table; also what an operator names it by. */
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string;
  readonly eventId: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes as they came. */
  readonly value: Buffer | null;
  readonly traceparent: string | null;
  readonly parkedAt: Date;
  readonly releasedAt: Date | null;
}

/** The row of `parked_message`, as a statement names its columns by `PARKED_COLUMNS`. */
export const PARKED_COLUMNS = `
  id::text, topic, partition, "offset"::text, key, event_id AS "eventId", headers, value, error_class AS "errorClass",
  error_message AS "errorMessage", attempts, traceparent, first_seen_at AS "firstSeenAt", parked_at AS "parkedAt",
  released_at AS "releasedAt"`;

/** The failure that `error` is, as operators read it. `attempts` were made since `firstSeenAt`. */
export function failureOf(error: unknown, attempts: number, firstSeenAt: Date): Failure {
  const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) };
  return { errorClass: name, errorMessage: message.replaceAll('\0', '\uFFFD').slice(0, 2_000), attempts, firstSeenAt };
}

/** What is stored of a record; every text in it is one that PostgreSQL takes. */
export function storedForm(record: KafkaRecord) {
  const headers = headersOf(record.headers);
  const eventId = headers['ce_id'];
  return {
    key: orderingKey(record),
    eventId: eventId === undefined ? null : storableText(eventId),
    headers,
    traceparent: headers['traceparent'] === undefined ? null : storableText(headers['traceparent']),
  };
}

/** The record that was parked. */
export function recordOf({ topic, partition, offset, key, value, headers }: ParkedMessage): KafkaRecord {
  return { topic, partition, offset, key: Buffer.from(key), value, headers: { ...headers } };
}
