import type { Service } from '@gatehouse/contracts';
import type { Database, Tx } from '@gatehouse/database';
import type { KafkaRecord } from '../wire.ts';
import { copyDeadLetter } from './dead-letter-copy.ts';
import { PARKED_COLUMNS, storedForm } from './parked-message.ts';
import type { Failure, ParkedMessage } from './parked-message.ts';

const PARK = {
  name: 'park-message',
  text: `
    INSERT INTO parked_message
      (consumer, topic, partition, "offset", key, event_id, headers, value, error_class, error_message, attempts,
       traceparent, first_seen_at, released_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
       (SELECT min(released_at) FROM parked_message WHERE consumer = $1 AND topic = $2 AND key = $5))
    ON CONFLICT (consumer, topic, partition, "offset") DO NOTHING
    RETURNING id`,
};

/** Ordered by the column: the selected offset of that name is text. */
const HEAD = {
  name: 'parked-head',
  text: `
    SELECT ${PARKED_COLUMNS} FROM parked_message
    WHERE consumer = $1 AND topic = $2 AND key = $3 ORDER BY parked_message."offset" LIMIT 1`,
};

/** A topic's key whose messages an operator has released. */
export interface ParkedKey {
  readonly topic: string;
  readonly key: string;
}

/**
 * The messages that this consumer has put aside, in its own database: the truth about dead letters. A key with parked
 * messages is blocked: later messages of the key join it, so that its order survives.
 */
export class ParkedMessages {
  constructor(
    private readonly database: Database,
    private readonly consumer: Service,
  ) {}

  /** Parks a message that failed, with a copy for the dead-letter topic; a second delivery of it changes nothing. */
  async park(tx: Tx, record: KafkaRecord, failure: Failure): Promise<void> {
    if (await this.#insert(tx, record, failure)) await copyDeadLetter(tx, this.consumer, record, failure);
  }

  /** Lets a message wait behind the parked ones of its key. It has not failed, so it is no dead letter. */
  async join(tx: Tx, record: KafkaRecord): Promise<void> {
    await this.#insert(tx, record, {
      errorClass: 'KeyIsParked',
      errorMessage: 'waits behind an earlier message of its key',
      attempts: 0,
      firstSeenAt: new Date(),
    });
  }

  /** Keys that an operator has released, the longest waiting first. */
  async released(): Promise<ParkedKey[]> {
    return this.database.query<{ topic: string; key: string }>(
      `SELECT topic, key FROM parked_message WHERE consumer = $1 AND released_at IS NOT NULL
       GROUP BY topic, key ORDER BY min(released_at), topic, key`,
      [this.consumer],
    );
  }

  /** The first message of a key, inside `tx` where the caller holds the key's lock. */
  async head({ topic, key }: ParkedKey, tx: Pick<Tx, 'query'> = this.database): Promise<ParkedMessage | undefined> {
    const [head] = await tx.query<ParkedMessage>(HEAD, [this.consumer, topic, key]);
    return head;
  }

  /** The message was handled; its key is free once it was the last. */
  async remove(tx: Tx, id: string): Promise<void> {
    await tx.query('DELETE FROM parked_message WHERE id = $1', [id]);
  }

  /** The released message failed again: it and everything behind it stays parked until the next release. */
  async failedAgain(tx: Tx, message: ParkedMessage, record: KafkaRecord, failure: Failure): Promise<void> {
    await tx.query(
      `UPDATE parked_message SET released_at = NULL
       WHERE consumer = $1 AND topic = $2 AND key = $3 AND released_at IS NOT NULL`,
      [this.consumer, message.topic, message.key],
    );
    const again = { ...failure, attempts: message.attempts + failure.attempts, firstSeenAt: message.firstSeenAt };
    await tx.query(
      `UPDATE parked_message SET error_class = $2, error_message = $3, attempts = $4, parked_at = now() WHERE id = $1`,
      [message.id, again.errorClass, again.errorMessage, again.attempts],
    );
    await copyDeadLetter(tx, this.consumer, record, again);
  }

  /** How many keys and messages are parked. */
  async count(): Promise<{ keys: number; messages: number }> {
    const [row] = await this.database.query<{ keys: string; messages: string }>(
      'SELECT count(DISTINCT (topic, key)) AS keys, count(*) AS messages FROM parked_message WHERE consumer = $1',
      [this.consumer],
    );
    return { keys: Number(row?.keys ?? 0), messages: Number(row?.messages ?? 0) };
  }

  async #insert(tx: Tx, record: KafkaRecord, failure: Failure): Promise<boolean> {
    const { key, eventId, headers, traceparent } = storedForm(record);
    const inserted = await tx.query(PARK, [
      this.consumer,
      record.topic,
      record.partition,
      record.offset,
      key,
      eventId,
      JSON.stringify(headers),
      record.value,
      failure.errorClass,
      failure.errorMessage,
      failure.attempts,
      traceparent,
      failure.firstSeenAt,
    ]);
    return inserted.length > 0;
  }
}
