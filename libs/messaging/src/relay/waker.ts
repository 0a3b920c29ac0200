import type pg from 'pg';
import { log } from '@gatehouse/telemetry';
import type { Relay } from './relay.ts';
import { wakeChannel } from './relay-lock.ts';

const NOTIFY_INTERVAL_MS = 10;

/**
 * Tells the active relay of a shard that something was committed: directly where it runs in this process, else with a
 * NOTIFY. That goes over a connection of its own, after the commit and at most every 10 ms, because NOTIFY inside a
 * transaction serialises all commits of the database. A lost one costs a second, for the relay has a timer too.
 */
export class Waker {
  readonly #relay: Pick<Relay, 'active' | 'wake'>;
  readonly #connect: () => Promise<pg.Client>;
  readonly #channel: string;
  #connection: Promise<pg.Client> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(shard: string, relay: Pick<Relay, 'active' | 'wake'>, connect: () => Promise<pg.Client>) {
    this.#relay = relay;
    this.#connect = connect;
    this.#channel = wakeChannel(shard);
  }

  wake(): void {
    if (this.#relay.active) this.#relay.wake();
    else if (!this.#closed) this.#timer ??= setTimeout(() => void this.#notify(), NOTIFY_INTERVAL_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.end().catch(() => undefined);
  }

  async #notify(): Promise<void> {
    this.#timer = undefined;
    try {
      const connection = await (this.#connection ??= this.#open());
      await connection.query(`NOTIFY ${this.#channel}`);
    } catch (error) {
      this.#connection = undefined;
      log('relay').debug({ err: error }, 'relay_notify_failed');
    }
  }

  async #open(): Promise<pg.Client> {
    const connection = await this.#connect();
    connection.on('end', () => (this.#connection = undefined));
    return connection;
  }
}
