import type { Service } from '@gatehouse/contracts';
import type { Database } from '@gatehouse/database';
import type { Admin } from 'kafkajs';
import type { KafkaConnection } from '../kafka.ts';
import { groupOf } from '../topics/declared-topics.ts';
import { PartitionProgress } from './partition-progress.ts';
import { OffsetLost, startPosition } from './start-position.ts';

const STORE_SQL = `
  INSERT INTO consumer_position AS position (consumer, topic, partition, next_offset) VALUES ($1, $2, $3, $4)
  ON CONFLICT (consumer, topic, partition) DO UPDATE
  SET next_offset = greatest(position.next_offset, excluded.next_offset), accepted = false`;

/** Partitions of a topic, as they are assigned. */
export interface TopicPartitions {
  /** Without prefix. */
  readonly topic: string;
  readonly partitions: readonly number[];
}

interface Recorded {
  readonly partition: number;
  readonly next_offset: string;
  readonly accepted: boolean;
}

/** Where this consumer stands, by its own database and by Kafka. */
export class Positions {
  constructor(
    private readonly database: Database,
    private readonly kafka: KafkaConnection,
    private readonly consumer: Service,
  ) {}

  /** The start of each partition. Throws OffsetLost where database and Kafka contradict each other. */
  async open(admin: Admin, { topic, partitions }: TopicPartitions): Promise<PartitionProgress[]> {
    const committed = await this.#committed(admin, topic);
    const watermarks = await this.watermarks(admin, topic);
    const recorded = await this.#recorded(topic);
    return partitions.map((partition) => {
      const { low, high } = watermarks.get(partition) ?? { low: 0n, high: 0n };
      const position = recorded.get(partition);
      const stored = position ? BigInt(position.next_offset) : null;
      const start = startPosition({
        recorded: stored,
        accepted: position?.accepted ?? false,
        committed: committed.get(partition) ?? null,
        low,
        high,
      });
      if (typeof start !== 'bigint') throw new OffsetLost(topic, partition, start.wrong);
      return new PartitionProgress(topic, partition, { start, stored, high }, committed.has(partition));
    });
  }

  /** Stores how far a partition has come past messages that left no trace in the database. */
  async store(progress: PartitionProgress): Promise<void> {
    const { topic, partition, next } = progress;
    await this.database.query(STORE_SQL, [this.consumer, topic, partition, next.toString()]);
    progress.stored();
  }

  /** The first offset that Kafka has and the next that it will give, by partition. */
  async watermarks(admin: Admin, topic: string): Promise<ReadonlyMap<number, { low: bigint; high: bigint }>> {
    const offsets = await admin.fetchTopicOffsets(this.kafka.prefixed(topic));
    return new Map(offsets.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]));
  }

  async #committed(admin: Admin, topic: string): Promise<ReadonlyMap<number, bigint>> {
    const groupId = groupOf(this.consumer, this.kafka.settings.KAFKA_TOPIC_PREFIX);
    const [offsets] = await admin.fetchOffsets({ groupId, topics: [this.kafka.prefixed(topic)] });
    // A negative offset is Kafka's word for none.
    const known = offsets?.partitions.filter(({ offset }) => BigInt(offset) >= 0n) ?? [];
    return new Map(known.map(({ partition, offset }) => [partition, BigInt(offset)]));
  }

  async #recorded(topic: string): Promise<ReadonlyMap<number, Recorded>> {
    const rows = await this.database.query<Recorded>(
      'SELECT partition, next_offset::text, accepted FROM consumer_position WHERE consumer = $1 AND topic = $2',
      [this.consumer, topic],
    );
    return new Map(rows.map((row) => [row.partition, row]));
  }
}
