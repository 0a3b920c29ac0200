import type { Shutdown } from '@gatehouse/lifecycle';
import { log } from '@gatehouse/telemetry';
import type { Admin, Batch, EachBatchPayload } from 'kafkajs';
import type { KafkaConnection } from '../kafka.ts';
import { killPoint } from '../kill-point.ts';
import { groupOf } from '../topics/declared-topics.ts';
import type { KafkaRecord } from '../wire.ts';
import { lagMessages, lagSeconds, offsetLost } from './consumer-metrics.ts';
import { isTemporary } from './failures.ts';
import type { PartitionProgress } from './partition-progress.ts';
import type { Positions, TopicPartitions } from './positions.ts';
import { inBatchSpan } from './process-span.ts';
import { Pulse } from './pulse.ts';
import type { RecordHandler } from './record-handler.ts';
import { OffsetLost } from './start-position.ts';
import { SupervisedConsumer } from './supervised-consumer.ts';

/** Partitions in work at a time; within a partition, one message or batch after the other. */
const CONCURRENT_PARTITIONS = 3;
const VERIFY_RETRY_MS = 1_000;

export interface GroupConsumerOptions {
  readonly kafka: KafkaConnection;
  readonly shutdown: Shutdown;
  /** Without prefix. */
  readonly topics: readonly string[];
  readonly records: RecordHandler;
  readonly positions: Positions;
}

/**
 * The service's member of its consumer group. A partition is read only after its position was found sound, each offset
 * is committed after the transaction of its effect, and a partition whose dependency is away waits without holding up
 * the others.
 */
export class GroupConsumer {
  readonly #options: GroupConsumerOptions;
  readonly #supervised: SupervisedConsumer;
  readonly #admin: Admin;
  readonly #inWork = new Set<Promise<void>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** The partitions of the present generation, by their names on the broker. Paused until they are in here. */
  #assigned = new Map<string, PartitionProgress>();
  #generation = 0;
  #placed = false;
  #lost = false;

  constructor(options: GroupConsumerOptions) {
    const { kafka, shutdown, topics } = options;
    this.#options = options;
    this.#admin = kafka.client.admin();
    this.#supervised = new SupervisedConsumer({
      kafka,
      shutdown,
      name: 'consumer',
      groupId: groupOf(kafka.service, kafka.settings.KAFKA_TOPIC_PREFIX),
      topics,
      joined: ({ payload }) => this.#joined(payload.memberAssignment),
      run: { partitionsConsumedConcurrently: CONCURRENT_PARTITIONS, eachBatch: (payload) => this.#eachBatch(payload) },
    });
    this.#supervised.consumer.on(this.#supervised.consumer.events.START_BATCH_PROCESS, ({ payload }) => {
      // A batch of nothing but removed records does not reach eachBatch, but kafkajs steps over it.
      if (Number(payload.batchSize) > 0) return;
      const first = payload.firstOffset as string | null; // -- kafkajs types it without the null that it gives here
      const passed = first === null ? null : BigInt(first);
      this.#assigned.get(nameOf(payload))?.passedOver(passed, BigInt(payload.lastOffset));
    });
  }

  start(): void {
    this.#supervised.start();
  }

  async stop(): Promise<void> {
    await this.#supervised.stop();
    this.#generation += 1;
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#admin.disconnect();
  }

  /** For readiness: a service that consumes has to have found its place once. */
  ready(): true | string {
    return this.#placed ? true : 'has not found its place in its group yet';
  }

  /** Compares every position with what Kafka has, and publishes the lag. Throws while Kafka is away. */
  async observe(): Promise<void> {
    const progress = [...this.#assigned.values()];
    const positions = progress.map((partition) => ({ partition, next: partition.next }));
    for (const topic of new Set(progress.map((partition) => partition.topic))) {
      const watermarks = await this.#options.positions.watermarks(this.#admin, topic);
      for (const { partition, next } of positions.filter(({ partition }) => partition.topic === topic)) {
        const { low, high } = watermarks.get(partition.partition) ?? { low: next, high: next };
        try {
          partition.observed(low, high, next);
          this.#publishLag(partition);
        } catch (error) {
          this.#giveUp(error as OffsetLost);
        }
      }
    }
  }

  /** Runs inside kafkajs' join, before its next fetch: nothing is read from a partition whose position is unknown. */
  #joined(assignment: Readonly<Record<string, readonly number[]>>): void {
    const generation = (this.#generation += 1);
    for (const partition of this.#assigned.values()) this.#forgetLag(partition);
    this.#assigned = new Map();
    const { kafka } = this.#options;
    const topics = Object.entries(assignment).map(([topic, partitions]) => ({ topic, partitions: [...partitions] }));
    this.#supervised.consumer.pause(topics);
    const declared = topics.map(({ topic, partitions }) => ({ topic: kafka.unprefixed(topic), partitions }));
    void this.#verify(declared, generation);
  }

  async #verify(assignment: readonly TopicPartitions[], generation: number): Promise<void> {
    try {
      // What an earlier generation still has in work may move positions.
      await Promise.allSettled(this.#inWork);
      await this.#admin.connect();
      const opened: PartitionProgress[] = [];
      for (const topic of assignment) opened.push(...(await this.#options.positions.open(this.#admin, topic)));
      if (generation !== this.#generation) return;
      await this.#commitFirst(opened.filter((progress) => !progress.committed));
      if (generation === this.#generation) this.#resume(opened);
    } catch (error) {
      if (generation !== this.#generation) return;
      if (error instanceof OffsetLost) return this.#giveUp(error);
      log('consumer').warn({ err: error }, 'consumer_positions_unknown');
      this.#later(VERIFY_RETRY_MS, generation, () => void this.#verify(assignment, generation));
    }
  }

  /** Before anything is handled: from now on a missing offset means that it was lost, never that this is the start. */
  async #commitFirst(fresh: readonly PartitionProgress[]): Promise<void> {
    if (fresh.length === 0) return;
    const offsets = fresh.map(({ topic, partition, next }) => ({
      topic: this.#options.kafka.prefixed(topic),
      partition,
      offset: next.toString(),
    }));
    await this.#supervised.consumer.commitOffsets(offsets);
  }

  #resume(opened: readonly PartitionProgress[]): void {
    const { consumer } = this.#supervised;
    for (const progress of opened) {
      const place = { topic: this.#options.kafka.prefixed(progress.topic), partition: progress.partition };
      this.#assigned.set(nameOf(place), progress);
      consumer.seek({ ...place, offset: progress.next.toString() });
      consumer.resume([{ topic: place.topic, partitions: [place.partition] }]);
      this.#publishLag(progress);
    }
    this.#placed = true;
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const progress = this.#assigned.get(nameOf(payload.batch));
    if (!progress || this.#lost) return;
    const work = this.#work(payload, progress);
    this.#inWork.add(work);
    try {
      await work;
    } finally {
      this.#inWork.delete(work);
    }
  }

  async #work(payload: EachBatchPayload, progress: PartitionProgress): Promise<void> {
    const { batch } = payload;
    const [generation, start] = [this.#generation, progress.next];
    const pulse = new Pulse(() => payload.heartbeat());
    const stopped = () =>
      !payload.isRunning() || payload.isStale() || pulse.lost || generation !== this.#generation || this.#lost;
    try {
      progress.arrived(fetchedOffset(batch), BigInt(batch.highWatermark), Number(batch.messages[0]?.timestamp));
      const settled = ({ offset }: KafkaRecord, stored: boolean) => {
        killPoint('after-effect-before-offset');
        if (generation !== this.#generation) return;
        payload.resolveOffset(offset);
        // The last message's end is the batch's: records that hold no message may follow it.
        const end = offset === batch.messages.at(-1)?.offset ? batch.lastOffset() : offset;
        progress.settled(BigInt(end) + 1n, stored && end === offset);
      };
      const records = batch.messages.map((message) => this.#recordOf(batch, message));
      await inBatchSpan(progress.topic, records.length, () =>
        this.#options.records.handle(records, { stopped, settled }),
      );
      progress.succeeded();
    } catch (error) {
      if (error instanceof OffsetLost) return this.#giveUp(error);
      this.#wait(payload, progress, error);
    } finally {
      pulse.end();
    }
    if (generation === this.#generation && progress.next > start) await this.#commit(payload, progress);
    pulse.rethrow();
  }

  /** The offset goes to Kafka last: whatever it covers is in the database. */
  async #commit(payload: EachBatchPayload, progress: PartitionProgress): Promise<void> {
    this.#publishLag(progress);
    try {
      if (progress.unstored) await this.#options.positions.store(progress);
    } catch (error) {
      // What it covers is read again, or stored with the next batch.
      log('consumer').warn({ err: error, topic: progress.topic }, 'consumer_position_not_stored');
      return;
    }
    const { topic, partition } = payload.batch;
    const partitions = [{ partition, offset: progress.next.toString() }];
    await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions }] });
  }

  /** Lets the partition wait and try again, for as long as it takes; the others go on. */
  #wait(payload: EachBatchPayload, progress: PartitionProgress, error: unknown): void {
    const backoffMs = progress.backoffMs();
    const { topic, partition } = progress;
    const details = { err: error, topic, partition, offset: progress.next.toString(), backoffMs };
    if (isTemporary(error)) log('consumer').warn(details, 'partition_waits_for_dependency');
    else log('consumer').error(details, 'partition_waits_after_failure');
    this.#later(backoffMs, this.#generation, payload.pause());
  }

  #later(milliseconds: number, generation: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (generation === this.#generation) action();
    }, milliseconds);
    this.#timers.add(timer);
  }

  /** Never resets: no handler runs any more, and an operator decides. */
  #giveUp(error: OffsetLost): void {
    if (this.#lost) return;
    this.#lost = true;
    const { kafka, shutdown } = this.#options;
    offsetLost.set({ consumer: kafka.service, topic: error.topic, partition: error.partition }, 1);
    log('consumer').fatal({ err: error }, 'consumer_offset_lost');
    shutdown.fatal(`consumer: ${error.message}`, error);
  }

  #recordOf({ topic, partition }: Batch, message: Batch['messages'][number]): KafkaRecord {
    const { key, value, headers, offset } = message;
    return { topic: this.#options.kafka.unprefixed(topic), partition, offset, key, value, ...(headers && { headers }) };
  }

  #publishLag(progress: PartitionProgress): void {
    const labels = this.#labelsOf(progress);
    lagMessages.set(labels, progress.lagMessages);
    lagSeconds.set(labels, progress.lagSeconds);
  }

  #forgetLag(progress: PartitionProgress): void {
    lagMessages.remove(this.#labelsOf(progress));
    lagSeconds.remove(this.#labelsOf(progress));
  }

  #labelsOf({ topic, partition }: PartitionProgress) {
    return { consumer: this.#options.kafka.service, topic, partition };
  }
}

function nameOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic} ${partition}`;
}

/** Where the batch was asked for. Its first message may be later, where compaction has removed records. */
function fetchedOffset(batch: Batch): bigint {
  const { fetchedOffset } = batch as Batch & { readonly fetchedOffset?: string }; // -- kafkajs has it, without a type
  if (fetchedOffset === undefined) throw new Error('kafkajs does not tell the offset that a batch was fetched from');
  return BigInt(fetchedOffset);
}
