import { setTimeout as delay } from 'node:timers/promises';
import { log } from '@gatehouse/telemetry';
import type pg from 'pg';
import { killPoint } from '../kill-point.ts';
import { Backoff } from './backoff.ts';
import { relayLock, wakeChannel } from './relay-lock.ts';
import { RelayHalted } from './relay-source.ts';
import type { OutgoingRecord, RelaySource } from './relay-source.ts';
import { countSent, spansOf } from './relay-telemetry.ts';
import { SentSequences } from './sent-sequences.ts';
import type { ShardProducer } from './shard-producer.ts';
import { WakeSignal } from './wake-signal.ts';

const BATCH_RECORDS = 1_000;
/** A wake-up may get lost; this is the longest that a record then waits. */
const IDLE_POLL_MS = 1_000;
/** Batches start at least this far apart, so that under load a few large ones take the place of many small. */
const BATCH_INTERVAL_MS = 10;
/** How often a replica without the lock tries to get it, and how soon a relay that failed starts again. */
const STANDBY_POLL_MS = 500;
/** A halted relay looks whether an operator has repaired its cursor. */
const HALTED_POLL_MS = 2_000;

export interface RelayOptions<R extends OutgoingRecord> {
  readonly source: RelaySource<R>;
  /** A connection of the relay's own: its lock lives and dies with it. */
  readonly connect: () => Promise<pg.Client>;
  readonly producer: Pick<ShardProducer, 'send' | 'discard'>;
}

/**
 * Sends the records of one source to Kafka, in order, at least once. Every replica runs one; the one that holds the
 * advisory lock of the shard is active, the others stand by and take over when its connection ends.
 */
export class Relay<R extends OutgoingRecord = OutgoingRecord> {
  readonly #source: RelaySource<R>;
  readonly #connect: () => Promise<pg.Client>;
  readonly #producer: Pick<ShardProducer, 'send' | 'discard'>;
  readonly #wake = new WakeSignal();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #active = false;
  #halted: string | undefined;

  constructor({ source, connect, producer }: RelayOptions<R>) {
    this.#source = source;
    this.#connect = connect;
    this.#producer = producer;
  }

  /** Whether this process holds the lock. */
  get active(): boolean {
    return this.#active;
  }

  /** Why the relay stopped by itself and needs an operator, if it did. */
  get halted(): string | undefined {
    return this.#halted;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Records were committed. */
  wake(): void {
    this.#wake.raise();
  }

  /** Stops after the batch on its way; what it leaves is sent by the next holder of the lock. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.raise();
    await this.#running;
    await this.#producer.discard();
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#session();
      } catch (error) {
        if (error instanceof RelayHalted) this.#halt(error);
        else log('relay').warn({ err: error, shard: this.#source.name }, 'relay_interrupted');
      }
      await this.#pause(this.#halted === undefined ? STANDBY_POLL_MS : HALTED_POLL_MS);
    }
  }

  /** One life of the relay's connection: waits for the lock, then relays until the connection ends. */
  async #session(): Promise<void> {
    const connection = await this.#connect();
    const ended = new AbortController();
    connection.on('end', () => {
      ended.abort();
      this.#wake.raise();
    });
    connection.on('notification', () => this.#wake.raise());
    try {
      await this.#acquireLock(connection);
      if (!this.#stopping.signal.aborted) await this.#relay(connection, ended.signal);
    } finally {
      this.#active = false;
      await connection.end().catch(() => undefined);
    }
  }

  async #acquireLock(connection: pg.Client): Promise<void> {
    const sql = `SELECT pg_try_advisory_lock(${relayLock(this.#source.name)}) AS locked`;
    while (!this.#stopping.signal.aborted) {
      const { rows } = await connection.query<{ locked: boolean }>(sql);
      if (rows[0]?.locked) return;
      await this.#pause(STANDBY_POLL_MS);
    }
  }

  async #relay(connection: pg.Client, ended: AbortSignal): Promise<void> {
    const sequences = new SentSequences(await this.#source.open(connection));
    await connection.query(`LISTEN ${wakeChannel(this.#source.name)}`);
    this.#active = true;
    if (this.#halted !== undefined) log('relay').info({ shard: this.#source.name }, 'relay_resumed');
    this.#halted = undefined;
    const held = new Backoff(1, 50);
    while (!this.#stopping.signal.aborted) {
      this.#wake.lower();
      const started = performance.now();
      const { records, waiting } = await this.#source.read(connection, BATCH_RECORDS);
      const last = records.at(-1);
      if (last) {
        sequences.follow(records);
        await this.#publish(records, ended);
        await this.#source.mark(connection, last);
        held.reset();
      }
      if (records.length === BATCH_RECORDS) continue;
      await this.#pause(BATCH_INTERVAL_MS - (performance.now() - started));
      // Rows wait for an older transaction to end. Each new commit would wake us in vain, so the pause is not cut short.
      if (waiting) await this.#pause(held.next());
      else await this.#wake.raised(IDLE_POLL_MS);
    }
  }

  /** Retries for ever: a record may only be passed over by a decision, never by an error. */
  async #publish(records: readonly R[], ended: AbortSignal): Promise<void> {
    const retry = new Backoff(100, 5_000);
    killPoint('after-commit-before-publish');
    for (;;) {
      const spans = spansOf(records);
      try {
        await this.#producer.send(records);
        spans.end();
        countSent(this.#source.name, records);
        break;
      } catch (error) {
        spans.fail(error);
        if (this.#stopping.signal.aborted || ended.aborted) throw error;
        log('relay').warn({ err: error, shard: this.#source.name, records: records.length }, 'relay_send_failed');
        await this.#pause(retry.next());
      }
    }
    killPoint('after-publish-before-mark');
  }

  #halt(error: RelayHalted): void {
    if (this.#halted !== error.message) {
      log('relay').error({ err: error, shard: this.#source.name }, 'relay_halted');
    }
    this.#halted = error.message;
  }

  async #pause(milliseconds: number): Promise<void> {
    if (milliseconds <= 0) return;
    await delay(milliseconds, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
