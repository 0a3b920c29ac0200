import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '@gatehouse/contracts';
import type { Database } from '@gatehouse/database';
import { log, recordFailure } from '@gatehouse/telemetry';
import { consumeLock } from '../park/consume-lock.ts';
import { failureOf } from '../park/parked-message.ts';
import type { Failure } from '../park/parked-message.ts';
import type { ParkedMessages } from '../park/parked-messages.ts';
import { orderingKey, storableText } from '../park/storable-text.ts';
import type { KafkaRecord, RawMessage } from '../wire.ts';
import { failuresTotal, messagesTotal } from './consumer-metrics.ts';
import type { Outcome } from './consumer-metrics.ts';
import { isTemporary } from './failures.ts';
import type { BatchHandler, Handlers } from './handlers.ts';
import type { Inbox, Progress } from './inbox.ts';
import { inProcessSpan, markFailed, startProcessSpans } from './process-span.ts';
import { readRecord } from './read-record.ts';
import type { Reading } from './read-record.ts';

/** Waits between attempts at a message that fails: under 2 s altogether, which its partition waits with it. */
const RETRY_DELAYS_MS = [50, 150, 400, 1_000] as const;
const IN_PLACE_MS = 2_000;
/** A batch is one transaction, and a transaction should be short. */
const MESSAGES_AT_ONCE = 200;

/** How a batch and its partition know of each other. */
export interface BatchControl {
  /** Asked before each transaction: whether the rest is left to whoever reads it next. */
  stopped(): boolean;
  /** All up to `record` is handled, parked or skipped; `stored` where the database knows the position past it. */
  settled(record: KafkaRecord, stored: boolean): void;
}

type Readable = Extract<Reading, { kind: 'message' }>;

/**
 * Handles the records of one partition, in order: each event has its effect once, in the transaction of its inbox row.
 * A message that fails for a reason of its own is parked; any other failure is thrown, and nothing of the record
 * that it happened to remains.
 */
export class RecordHandler {
  constructor(
    private readonly service: Service,
    private readonly database: Database,
    private readonly handlers: Handlers,
    private readonly inbox: Inbox,
    private readonly parked: ParkedMessages,
  ) {}

  async handle(records: readonly KafkaRecord[], control: BatchControl): Promise<void> {
    for (let start = 0; start < records.length; start += MESSAGES_AT_ONCE) {
      await this.#handlePortion(records.slice(start, start + MESSAGES_AT_ONCE), control);
    }
  }

  async #handlePortion(records: readonly KafkaRecord[], control: BatchControl): Promise<void> {
    const [first, last] = [records[0], records.at(-1)];
    if (!first || !last || control.stopped()) return;
    const batchHandler = this.handlers.batchHandler(first.topic);
    if (batchHandler && (await this.#handleTogether(records, last, batchHandler))) return control.settled(last, true);
    for (const record of records) {
      if (control.stopped()) return;
      const outcome = await this.#settle(record);
      messagesTotal.inc({ consumer: this.service, topic: record.topic, outcome });
      control.settled(record, outcome !== 'skipped');
    }
  }

  /** One transaction for all of `records`. False where they must be taken one by one; then nothing has happened. */
  async #handleTogether(records: readonly KafkaRecord[], last: KafkaRecord, handler: BatchHandler): Promise<boolean> {
    const readings = records.map((record) => ({ record, reading: readRecord(record, this.handlers) }));
    if (readings.some(({ reading }) => reading.kind === 'unreadable')) return false;
    const readable = readings.flatMap(({ record, reading }) =>
      reading.kind === 'message'
        ? [{ record, ...reading, id: storableText(reading.message.id), key: orderingKey(record) }]
        : [],
    );
    const messages = readable.map(({ message }) => message);
    const spans = startProcessSpans(messages);
    try {
      const ids = readable.map(({ id }) => id);
      const keys = [...new Set(readable.map(({ key }) => key))];
      const locks = readable.flatMap(({ message, key }) => this.#orderLock(message, key));
      const outcomes = await this.database.change([...locks, ...handler.locks(messages)], async (tx) => {
        const claim = await this.inbox.claim(tx, progressPast(last), ids, keys);
        const first = new Set(claim.first);
        // A message that is there twice counts once: the first time.
        const taken = readable.filter(({ id }) => first.delete(id));
        const blocked = taken.filter(({ key }) => claim.blocked.has(key));
        for (const { record } of blocked) await this.parked.join(tx, record);
        const free = taken.filter(({ key }) => !claim.blocked.has(key)).map(({ message }) => message);
        if (free.length > 0) await handler.handle(free, tx);
        return { handled: free.length, joined: blocked.length, duplicate: messages.length - taken.length };
      });
      this.#count(last.topic, { ...outcomes, skipped: records.length - messages.length });
      return true;
    } catch (error) {
      for (const span of spans) recordFailure(span, error);
      this.#failed(last.topic, error);
      if (isTemporary(error)) throw error;
      log('consumer').warn({ err: error, topic: last.topic, messages: messages.length }, 'batch_failed');
      return false;
    } finally {
      for (const span of spans) span.end();
    }
  }

  async #settle(record: KafkaRecord): Promise<Outcome> {
    const reading = readRecord(record, this.handlers);
    if (reading.kind === 'skip') return 'skipped';
    if (reading.kind === 'unreadable') return this.#park(record, failureOf(reading.error, 1, new Date()));
    return inProcessSpan(reading.message, async () => {
      const result = await this.#attempt(record, reading);
      return typeof result === 'string' ? result : this.#park(record, result, reading.message);
    });
  }

  /** Tries for at most two seconds; what then still fails is the message's own failure. */
  async #attempt(record: KafkaRecord, reading: Readable): Promise<Outcome | Failure> {
    const [firstSeenAt, deadline] = [new Date(), performance.now() + IN_PLACE_MS];
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await this.#handleOnce(record, reading);
      } catch (error) {
        this.#failed(record.topic, error);
        if (isTemporary(error)) throw error;
        const wait = RETRY_DELAYS_MS[attempts - 1];
        if (wait === undefined || performance.now() + wait > deadline) {
          markFailed(error);
          return failureOf(error, attempts, firstSeenAt);
        }
        await delay(wait);
      }
    }
  }

  #handleOnce(record: KafkaRecord, { message, locks, handle }: Readable): Promise<Outcome> {
    const [id, key] = [storableText(message.id), orderingKey(record)];
    return this.database.change([...this.#orderLock(message, key), ...locks()], async (tx) => {
      const { first, blocked } = await this.inbox.claim(tx, progressPast(record), [id], [key]);
      if (first.size === 0) return 'duplicate';
      if (blocked.size === 0) {
        await handle(tx);
        return 'handled';
      }
      await this.parked.join(tx, record);
      return 'joined';
    });
  }

  /** Parks in a transaction of its own, which takes the event and moves the position just as handling would have. */
  async #park(record: KafkaRecord, failure: Failure, message?: RawMessage): Promise<Outcome> {
    const key = orderingKey(record);
    const outcome = await this.database.change([consumeLock(this.service, record.topic, key)], async (tx) => {
      const { first } = await this.inbox.claim(tx, progressPast(record), message ? [storableText(message.id)] : [], []);
      if (message && first.size === 0) return 'duplicate' as const;
      await this.parked.park(tx, record, failure);
      return 'parked' as const;
    });
    const { topic, partition, offset } = record;
    log('consumer').error({ topic, partition, offset, key, ...failure, outcome }, 'message_parked');
    return outcome;
  }

  /** A fact has no order and a key of its own: nothing can stand before or behind it. */
  #orderLock({ topic, sequence }: RawMessage, key: string): string[] {
    return sequence === null ? [] : [consumeLock(this.service, topic, key)];
  }

  #failed(topic: string, error: unknown): void {
    failuresTotal.inc({ consumer: this.service, topic, kind: isTemporary(error) ? 'dependency' : 'message' });
  }

  #count(topic: string, outcomes: Partial<Record<Outcome, number>>): void {
    for (const [outcome, count] of Object.entries(outcomes)) {
      if (count > 0) messagesTotal.inc({ consumer: this.service, topic, outcome }, count);
    }
  }
}

function progressPast({ topic, partition, offset }: KafkaRecord): Progress {
  return { topic, partition, nextOffset: BigInt(offset) + 1n };
}
