import type { Service } from '@gatehouse/contracts';
import type { Database, Tx } from '@gatehouse/database';

/** One statement, because every message pays for it. It writes first what the transaction may not commit without. */
const CLAIM = {
  name: 'inbox-claim',
  text: `
    WITH moved AS (
      INSERT INTO consumer_position AS position (consumer, topic, partition, next_offset) VALUES ($1, $2, $3, $4)
      ON CONFLICT (consumer, topic, partition) DO UPDATE
      SET next_offset = greatest(position.next_offset, excluded.next_offset), accepted = false
    ), claimed AS (
      INSERT INTO inbox (consumer, event_id) SELECT $1, unnest($5::text[]) ON CONFLICT DO NOTHING RETURNING event_id
    )
    SELECT 'first' AS kind, event_id AS name FROM claimed
    UNION ALL
    SELECT DISTINCT 'blocked', key FROM parked_message WHERE consumer = $1 AND topic = $2 AND key = ANY ($6)`,
};

/** Rows go in portions, so that no statement holds anything up. */
const FORGET_SQL = `
  DELETE FROM inbox WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM inbox WHERE consumer = $1 AND handled_at < now() - make_interval(secs => $2) LIMIT $3
  )) RETURNING 1`;
const FORGOTTEN_AT_ONCE = 5_000;

/** How far a transaction takes its consumer. */
export interface Progress {
  readonly topic: string;
  readonly partition: number;
  /** The first offset that is not handled yet once the transaction has committed. */
  readonly nextOffset: bigint;
}

export interface Claim {
  /** Events that no committed transaction of this consumer has taken before. */
  readonly first: ReadonlySet<string>;
  /** Keys with parked messages. */
  readonly blocked: ReadonlySet<string>;
}

/** The events that this consumer has handled. A row and the effect of its event are one transaction, or neither is. */
export class Inbox {
  constructor(
    private readonly database: Database,
    private readonly consumer: Service,
  ) {}

  /** Takes `eventIds` for the transaction, moves the consumer's position with it, and tells which `keys` are blocked. */
  async claim(tx: Tx, progress: Progress, eventIds: readonly string[], keys: readonly string[]): Promise<Claim> {
    const { topic, partition, nextOffset } = progress;
    const parameters = [this.consumer, topic, partition, nextOffset.toString(), eventIds, keys];
    const rows = await tx.query<{ kind: 'first' | 'blocked'; name: string }>(CLAIM, parameters);
    const named = (kind: string) => new Set(rows.filter((row) => row.kind === kind).map(({ name }) => name));
    return { first: named('first'), blocked: named('blocked') };
  }

  /** Forgets events that Kafka cannot deliver again, because its topics keep nothing that old. */
  async forgetOlderThan(seconds: number): Promise<void> {
    for (let forgotten = FORGOTTEN_AT_ONCE; forgotten === FORGOTTEN_AT_ONCE;) {
      forgotten = (await this.database.query(FORGET_SQL, [this.consumer, seconds, FORGOTTEN_AT_ONCE])).length;
    }
  }
}
