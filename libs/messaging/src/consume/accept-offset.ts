import { offsetAccepted } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import type { Database } from '@gatehouse/database';
import type { Admin } from 'kafkajs';
import type { Outbox } from '../outbox/outbox.ts';
import { groupOf } from '../topics/declared-topics.ts';

/** Where a consumer stands in one partition, as its database and Kafka tell; null where they know nothing. */
export interface PartitionPosition {
  /** Without prefix. */
  readonly topic: string;
  readonly partition: number;
  /** In the service's database: everything before it has had its effect. */
  readonly recorded: string | null;
  /** An operator put `recorded` there, and the consumer has not moved on since. */
  readonly accepted: boolean;
  readonly committed: string | null;
  readonly low: string;
  readonly high: string;
}

export interface AcceptedOffset {
  readonly topic: string;
  readonly partition: number;
  /** The first offset that is to be read. */
  readonly to: bigint;
}

/** The positions of a service's consumer, for an operator. */
export async function readPositions(
  database: Database,
  admin: Admin,
  options: { readonly service: Service; readonly prefix: string; readonly topics: readonly string[] },
): Promise<PartitionPosition[]> {
  const { service, prefix, topics } = options;
  const rows = await database.query<{ topic: string; partition: number; next_offset: string; accepted: boolean }>(
    'SELECT topic, partition, next_offset::text, accepted FROM consumer_position WHERE consumer = $1',
    [service],
  );
  const recorded = new Map(rows.map((row) => [`${row.topic} ${row.partition}`, row]));
  const positions: PartitionPosition[] = [];
  for (const topic of topics) {
    const groupId = groupOf(service, prefix);
    const [group] = await admin.fetchOffsets({ groupId, topics: [prefix + topic] });
    const committed = new Map(group?.partitions.map(({ partition, offset }) => [partition, offset]));
    const watermarks = await admin.fetchTopicOffsets(prefix + topic);
    for (const { partition, low, high } of watermarks.sort((a, b) => a.partition - b.partition)) {
      const row = recorded.get(`${topic} ${partition}`);
      const offset = committed.get(partition);
      positions.push({
        topic,
        partition,
        recorded: row?.next_offset ?? null,
        accepted: row?.accepted ?? false,
        committed: offset === undefined || BigInt(offset) < 0n ? null : offset,
        low,
        high,
      });
    }
  }
  return positions;
}

/**
 * Decides where a stopped consumer goes on; the service takes it at its next start, whatever Kafka says. The decision
 * and its audited event are one transaction. Nothing here asks whether messages are skipped: that is the operator's part.
 */
export async function acceptOffset(
  database: Database,
  outbox: Outbox,
  service: Service,
  { topic, partition, to }: AcceptedOffset,
): Promise<void> {
  await database.withTransaction(async (tx) => {
    const place = [service, topic, partition];
    const [before] = await tx.query<{ next_offset: string }>(
      `SELECT next_offset::text FROM consumer_position
       WHERE consumer = $1 AND topic = $2 AND partition = $3 FOR UPDATE`,
      place,
    );
    await tx.query(
      `INSERT INTO consumer_position (consumer, topic, partition, next_offset, accepted) VALUES ($1, $2, $3, $4, true)
       ON CONFLICT (consumer, topic, partition) DO UPDATE
       SET next_offset = excluded.next_offset, accepted = true`,
      [...place, to.toString()],
    );
    const data = { topic, partition, from: before?.next_offset ?? null, to: to.toString() };
    await outbox.recordIn(tx, offsetAccepted, data);
  });
}
