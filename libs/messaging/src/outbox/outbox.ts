import { topicOf } from '@gatehouse/contracts';
import type { AnyChangeEvent, AnyEvent, AnyFactEvent, DataOf, Service } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { currentContext, injectTraceparent } from '@gatehouse/telemetry';
import { killPoint } from '../kill-point.ts';
import { encodeHeaders, MAX_EVENT_BYTES, recordBytes } from '../wire.ts';
import type { BacklogLimit } from './backlog-limit.ts';
import type { FactGroups } from './fact-groups.ts';

/** The row and its position within (topic, key), in one statement. The caller holds the lock of the key. */
const APPEND_CHANGE = {
  name: 'outbox-append-change',
  text: `
    WITH position AS (
      INSERT INTO outbox_sequence AS s (topic, key, sequence) VALUES ($1, $2, 1)
      ON CONFLICT (topic, key) DO UPDATE SET sequence = s.sequence + 1
      RETURNING sequence
    )
    INSERT INTO outbox (topic, key, sequence, headers, payload)
    SELECT $1, $2, position.sequence, $3, $4 FROM position`,
};

const APPEND_FACT = {
  name: 'outbox-append-fact',
  text: 'INSERT INTO outbox (topic, key, headers, payload) VALUES ($1, $2, $3, $4)',
};

/** One row of the outbox before it is written. */
export interface OutboxRow {
  readonly topic: string;
  readonly key: string;
  readonly headers: string;
  readonly payload: string | null;
}

/**
 * The service's outgoing events. An event is durable with the transaction it is appended in; the relay sends it to
 * Kafka afterwards, in the order of its key. Actor, request and trace are taken from the running request or message.
 * Every method throws the problem `event-backlog-full` while too many events wait for Kafka.
 */
export class Outbox {
  readonly #service: Service;
  readonly #limit: BacklogLimit;
  readonly #facts: FactGroups;
  #wake: () => void = () => undefined;
  readonly #woken = new WeakSet<Tx>();

  constructor(service: Service, limit: BacklogLimit, facts: FactGroups) {
    this.#service = service;
    this.#limit = limit;
    this.#facts = facts;
  }

  /** Calls `wake` after each commit that appended something. */
  onCommit(wake: () => void): void {
    this.#wake = wake;
  }

  /**
   * Appends a state change to the transaction that makes it. The transaction must have locked the event's key at its
   * start (`database.change([key], ...)`); otherwise the order within the key could invert, and this rejects. Resolves
   * when the row is on its way to PostgreSQL: where it cannot be written, the transaction fails.
   */
  append<E extends AnyChangeEvent>(tx: Tx, event: E, data: DataOf<E>): Promise<void> {
    return Promise.try(() => {
      const parsed = event.data.parse(data);
      this.#appendChange(tx, event, event.key(parsed), JSON.stringify(parsed));
    });
  }

  /** Removes `key` from the event's compacted topic, after everything appended for it so far. */
  appendTombstone(tx: Tx, event: AnyChangeEvent, key: string): Promise<void> {
    return Promise.try(() => this.#appendChange(tx, event, key, null));
  }

  /** Records a fact without a state change; resolves when it is durable. Concurrent facts share one INSERT. */
  async record<E extends AnyFactEvent>(event: E, data: DataOf<E>): Promise<void> {
    this.#limit.check();
    await this.#facts.add(this.#factRow(event, data));
    this.#wake();
  }

  /** Records a fact in a transaction, where it is true only if the transaction commits. */
  recordIn<E extends AnyFactEvent>(tx: Tx, event: E, data: DataOf<E>): Promise<void> {
    return Promise.try(() => {
      this.#limit.check();
      const { topic, key, headers, payload } = this.#factRow(event, data);
      tx.send(APPEND_FACT, [topic, key, headers, payload]);
      this.#wakeAfter(tx);
    });
  }

  #appendChange(tx: Tx, event: AnyChangeEvent, key: string, payload: string | null): void {
    this.#limit.check();
    if (!tx.locked.has(key)) {
      throw new Error(`${event.type} is published under a key that its transaction has not locked at its start`);
    }
    const { topic, headers } = this.#row(event, key, uuidv7(), payload);
    tx.send(APPEND_CHANGE, [topic, key, headers, payload]);
    this.#wakeAfter(tx);
    killPoint('before-commit');
  }

  #factRow<E extends AnyFactEvent>(event: E, data: DataOf<E>): OutboxRow {
    const id = uuidv7();
    return this.#row(event, id, id, JSON.stringify(event.data.parse(data)));
  }

  #row(event: AnyEvent, key: string, id: string, payload: string | null): OutboxRow {
    const { name: topic } = topicOf(event, this.#service);
    const context = currentContext();
    const headers = encodeHeaders({ id, event, service: this.#service, key, context, trace: injectTraceparent() });
    const bytes = recordBytes(key, headers, payload);
    if (bytes > MAX_EVENT_BYTES) {
      throw new Error(`${event.type} has ${bytes} bytes, more than the ${MAX_EVENT_BYTES} that an event may have`);
    }
    return { topic, key, headers: JSON.stringify(headers), payload };
  }

  #wakeAfter(tx: Tx): void {
    if (this.#woken.has(tx)) return;
    this.#woken.add(tx);
    tx.afterCommit(() => this.#wake());
  }
}
