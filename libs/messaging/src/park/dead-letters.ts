import { deadLetterDiscarded, deadLetterListed, deadLetterReplayed, deadLetterShown } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import type { Database, Tx } from '@gatehouse/database';
import type { Outbox } from '../outbox/outbox.ts';
import { consumeLock } from './consume-lock.ts';
import { PARKED_COLUMNS } from './parked-message.ts';
import type { ParkedMessage } from './parked-message.ts';
import type { ParkedKey } from './parked-messages.ts';

/** Which parked messages are meant: those that satisfy all that is given. */
export interface Selection {
  readonly id?: string;
  readonly key?: string;
  /** Without prefix. */
  readonly topic?: string;
  /** Parked at or after this instant. */
  readonly since?: Date;
  /** Parked before this instant. */
  readonly until?: Date;
}

/** A key that was released, with the messages that wait under it. */
export interface ReleasedKey extends ParkedKey {
  readonly firstId: string;
  readonly messages: number;
}

const SELECTED = `
  consumer = $1 AND ($2::bigint IS NULL OR id = $2) AND ($3::text IS NULL OR key = $3)
  AND ($4::text IS NULL OR topic = $4) AND ($5::timestamptz IS NULL OR parked_at >= $5)
  AND ($6::timestamptz IS NULL OR parked_at < $6)`;

/**
 * What operators do with the parked messages of a service, from outside its process. Every action is an audited event
 * in the transaction of the action itself, a mere look included.
 */
export class DeadLetters {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly service: Service,
  ) {}

  /** The selected messages, at most `limit`, in the order in which they were parked. */
  async list(selection: Selection, limit: number): Promise<ParkedMessage[]> {
    return this.database.withTransaction(async (tx) => {
      const found = await this.#select(tx, selection, limit);
      await this.outbox.recordIn(tx, deadLetterListed, { selection: described(selection), found: found.length });
      return found;
    });
  }

  /** One message with its content; undefined where there is none of that id. */
  async show(id: string): Promise<ParkedMessage | undefined> {
    return this.database.withTransaction(async (tx) => {
      const [message] = await this.#select(tx, { id }, 1);
      if (message) await this.outbox.recordIn(tx, deadLetterShown, identityOf(message));
      return message;
    });
  }

  /**
   * Releases the keys of the selected messages. The running service handles all messages of a released key, in order,
   * before newer ones. A key is one transaction; where this fails half-way, repeating it releases the rest.
   */
  async replay(selection: Selection): Promise<ReleasedKey[]> {
    const released: ReleasedKey[] = [];
    for (const key of await this.#keysOf(selection)) {
      const result = await this.#locked(key, (tx) => this.#release(tx, key));
      if (result) released.push(result);
    }
    return released;
  }

  /** Gives the selected messages up for good. What waits behind them stays parked until it is replayed. */
  async discard(selection: Selection): Promise<ParkedMessage[]> {
    const discarded: ParkedMessage[] = [];
    for (const key of await this.#keysOf(selection)) {
      const messages = await this.#locked(key, async (tx) => {
        const selected = await this.#select(tx, { ...selection, ...key }, null);
        await tx.query('DELETE FROM parked_message WHERE id = ANY ($1::bigint[])', [selected.map(({ id }) => id)]);
        for (const message of selected) await this.outbox.recordIn(tx, deadLetterDiscarded, identityOf(message));
        return selected;
      });
      discarded.push(...messages);
    }
    return discarded;
  }

  async #release(tx: Tx, { topic, key }: ParkedKey): Promise<ReleasedKey | undefined> {
    const rows = await tx.query<{ id: string }>(
      `UPDATE parked_message SET released_at = now() WHERE consumer = $1 AND topic = $2 AND key = $3
       RETURNING id::text`,
      [this.service, topic, key],
    );
    const ids = rows.map(({ id }) => BigInt(id)).sort((a, b) => (a < b ? -1 : 1));
    const first = ids[0];
    if (first === undefined) return undefined;
    const released = { topic, key, firstId: first.toString(), messages: ids.length };
    const data = { topic, key, dead_letter_id: released.firstId, messages: ids.length };
    await this.outbox.recordIn(tx, deadLetterReplayed, data);
    return released;
  }

  #select(tx: Tx, selection: Selection, limit: number | null): Promise<ParkedMessage[]> {
    return tx.query<ParkedMessage>(
      `SELECT ${PARKED_COLUMNS} FROM parked_message WHERE ${SELECTED} ORDER BY parked_message.id LIMIT $7`,
      [...this.#parametersOf(selection), limit],
    );
  }

  #keysOf(selection: Selection): Promise<{ topic: string; key: string }[]> {
    return this.database.query(
      `SELECT topic, key FROM parked_message WHERE ${SELECTED} GROUP BY topic, key ORDER BY min(id)`,
      this.#parametersOf(selection),
    );
  }

  /** Under the lock of the key no message of it is handled, joined or drained meanwhile. */
  #locked<T>({ topic, key }: ParkedKey, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.change([consumeLock(this.service, topic, key)], work);
  }

  #parametersOf({ id, key, topic, since, until }: Selection): unknown[] {
    return [this.service, id ?? null, key ?? null, topic ?? null, since ?? null, until ?? null];
  }
}

function identityOf({ id, topic, partition, offset, key, eventId, errorClass }: ParkedMessage) {
  return { dead_letter_id: id, topic, partition, offset, key, event_id: eventId, error_class: errorClass };
}

function described(selection: Selection): Record<string, string> {
  const given = Object.entries(selection).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [name, value instanceof Date ? value.toISOString() : String(value)]),
  );
}
