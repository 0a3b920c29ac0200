import type pg from 'pg';

/** One record on its way to Kafka, in the order in which it must arrive there. */
export interface OutgoingRecord {
  /** Without the prefix of the environment. */
  readonly topic: string;
  readonly key: string;
  /** Null is a tombstone. */
  readonly value: string | Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Position within (topic, key), which the relay verifies; null where the record has none or it was accepted. */
  readonly sequence: number | null;
}

export interface ReadBatch<R extends OutgoingRecord> {
  readonly records: readonly R[];
  /** Rows exist that may not be sent yet, so the source should be asked again soon. */
  readonly waiting: boolean;
}

/** The last record of an aggregate that is in Kafka. */
export interface SentPosition {
  readonly topic: string;
  readonly key: string;
  readonly sequence: number;
}

/** How far behind Kafka a source is. */
export interface Backlog {
  readonly rows: number;
  readonly oldestAgeSeconds: number;
}

/**
 * Where a relay takes its records from. Every method runs on the one connection that holds the advisory lock of the
 * source, so a relay that lost its lock can neither read nor mark any more.
 */
export interface RelaySource<R extends OutgoingRecord = OutgoingRecord> {
  /** Names the shard: its lock, its metrics and its health part. */
  readonly name: string;
  /**
   * Loads the position and returns the last sequence sent of the aggregates used lately. Throws RelayHalted where
   * sending from the position could skip something.
   */
  open(connection: pg.Client): Promise<readonly SentPosition[]>;
  /** The next records after the position, at most `limit`, in order. It does not move the position. */
  read(connection: pg.Client, limit: number): Promise<ReadBatch<R>>;
  /** Moves the position past `last`, durably. All records up to `last` are in Kafka. */
  mark(connection: pg.Client, last: R): Promise<void>;
  /** Asked once a second from the pool, also while another process holds the lock. */
  backlog(): Promise<Backlog>;
}

/** The relay must not go on by itself: an operator has to decide. */
export class RelayHalted extends Error {
  override readonly name = 'RelayHalted';
}
