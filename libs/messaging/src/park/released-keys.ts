import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '@gatehouse/contracts';
import type { Database } from '@gatehouse/database';
import { log } from '@gatehouse/telemetry';
import { isTemporary } from '../consume/failures.ts';
import type { Handlers } from '../consume/handlers.ts';
import { inProcessSpan } from '../consume/process-span.ts';
import { readRecord } from '../consume/read-record.ts';
import type { KafkaRecord } from '../wire.ts';
import { consumeLock } from './consume-lock.ts';
import { failureOf, recordOf } from './parked-message.ts';
import type { ParkedMessage } from './parked-message.ts';
import type { ParkedKey, ParkedMessages } from './parked-messages.ts';

const POLL_MS = 1_000;

/**
 * Handles the messages of keys that an operator has released, in order, each in one transaction with its removal. It
 * holds the key's lock there, so newer messages either see the key still blocked and join it, or come after all of it.
 */
export class ReleasedKeys {
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(
    private readonly service: Service,
    private readonly database: Database,
    private readonly handlers: Handlers,
    private readonly parked: ParkedMessages,
  ) {}

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        for (const key of await this.parked.released()) await this.#drain(key).catch(waits);
      } catch (error) {
        waits(error);
      }
      await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #drain(key: ParkedKey): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const head = await this.parked.head(key);
      if (!head?.releasedAt) return;
      const record = recordOf(head);
      try {
        await this.#handle(key, head, record);
        log('consumer').info({ ...key, id: head.id, offset: head.offset }, 'parked_message_handled');
      } catch (error) {
        if (isTemporary(error)) throw error;
        return this.#parkAgain(key, head, record, error);
      }
    }
  }

  async #handle(key: ParkedKey, head: ParkedMessage, record: KafkaRecord): Promise<void> {
    const reading = readRecord(record, this.handlers);
    if (reading.kind === 'unreadable') throw reading.error;
    if (reading.kind === 'skip')
      throw new Error('no handler of this build takes the message: deploy one, or discard it');
    const locks = [consumeLock(this.service, key.topic, key.key), ...reading.locks()];
    await inProcessSpan(reading.message, () =>
      this.database.change(locks, async (tx) => {
        // Another replica may have taken it, or an operator discarded it, before we had the lock.
        const first = await this.parked.head(key, tx);
        if (first?.id !== head.id || !first.releasedAt) return;
        await reading.handle(tx);
        await this.parked.remove(tx, head.id);
      }),
    );
  }

  async #parkAgain(key: ParkedKey, head: ParkedMessage, record: KafkaRecord, error: unknown): Promise<void> {
    const failure = failureOf(error, 1, head.firstSeenAt);
    await this.database.change([consumeLock(this.service, key.topic, key.key)], async (tx) => {
      const first = await this.parked.head(key, tx);
      if (first?.id === head.id && first.releasedAt) await this.parked.failedAgain(tx, head, record, failure);
    });
    log('consumer').error({ ...key, id: head.id, offset: head.offset, ...failure }, 'message_parked_again');
  }
}

/** The key stays released: the next round goes on where this one stopped. */
function waits(error: unknown): void {
  log('consumer').warn({ err: error }, 'released_keys_wait');
}
