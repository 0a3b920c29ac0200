import { isDependencyFailure } from '@gatehouse/database';
import type { Database } from '@gatehouse/database';
import type { OutboxRow } from './outbox.ts';

/** The first fact of a group waits this long for others; timers are late by up to a millisecond. */
const GROUP_WINDOW_MS = 4;
const GROUP_ROWS = 200;
/** A group that would be the third on its way grows instead, so that facts leave connections to others. */
const GROUPS_IN_FLIGHT = 2;

const INSERT_GROUP = {
  name: 'outbox-append-facts',
  text: `
    INSERT INTO outbox (topic, key, headers, payload)
    SELECT * FROM unnest($1::text[], $2::text[], $3::json[], $4::text[])`,
};

interface WaitingFact {
  readonly row: OutboxRow;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Group commit of facts: those that arrive within a few milliseconds share one INSERT and one flush of the WAL. */
export class FactGroups {
  readonly #database: Pick<Database, 'query'>;
  #waiting: WaitingFact[] = [];
  #timer: NodeJS.Timeout | undefined;
  #inFlight = 0;

  constructor(database: Pick<Database, 'query'>) {
    this.#database = database;
  }

  /** Resolves when the row is durable. */
  add(row: OutboxRow): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ row, resolve, reject });
    if (this.#waiting.length >= GROUP_ROWS) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), GROUP_WINDOW_MS);
    return promise;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0 || this.#inFlight >= GROUPS_IN_FLIGHT) return;
    const group = this.#waiting.splice(0, GROUP_ROWS);
    this.#inFlight += 1;
    void this.#write(group).finally(() => {
      this.#inFlight -= 1;
      this.#flush();
    });
  }

  async #write(group: readonly WaitingFact[]): Promise<void> {
    try {
      await this.#insert(group);
      for (const fact of group) fact.resolve();
    } catch (error) {
      if (group.length === 1 || isDependencyFailure(error)) for (const fact of group) fact.reject(error);
      else await this.#writeOneByOne(group);
    }
  }

  /** One bad row must not take its neighbours with it. */
  async #writeOneByOne(group: readonly WaitingFact[]): Promise<void> {
    for (const fact of group) await this.#write([fact]);
  }

  async #insert(group: readonly WaitingFact[]): Promise<void> {
    const column = (name: keyof OutboxRow) => group.map(({ row }) => row[name]);
    await this.#database.query(INSERT_GROUP, [column('topic'), column('key'), column('headers'), column('payload')]);
  }
}
