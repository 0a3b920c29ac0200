import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Shutdown } from '@gatehouse/lifecycle';
import { counter, log } from '@gatehouse/telemetry';
import type { Admin, EachBatchPayload } from 'kafkajs';
import type { Handlers } from '../consume/handlers.ts';
import { Pulse } from '../consume/pulse.ts';
import { isRetriable, SupervisedConsumer } from '../consume/supervised-consumer.ts';
import type { KafkaConnection } from '../kafka.ts';
import { followerGroupPrefix } from '../topics/declared-topics.ts';
import { decodeMessage, isTombstone, parseMessage, UnreadableMessage } from '../wire.ts';
import type { KafkaRecord, Message } from '../wire.ts';
import { Frontier } from './frontier.ts';

/** Kafka has not answered for this long: what is followed may have changed without our knowing. */
const STALE_MS = 10_000;
const RETRY_MS = 500;

export interface FollowerOptions {
  readonly kafka: KafkaConnection;
  readonly shutdown: Shutdown;
  /** Without prefix. */
  readonly topics: readonly string[];
  readonly handlers: Handlers;
}

const followed = counter({
  name: 'follower_messages_total',
  help: 'Messages read by this instance of the service as a follower, by what became of them.',
  labels: ['follower', 'topic', 'outcome'],
});

/**
 * Reads topics from the beginning in every instance of the service, in a group of its own and without commits. The
 * instance is ready once it has read what was there when it started, and as long as Kafka keeps answering.
 */
export class TopicFollower {
  readonly #options: FollowerOptions;
  readonly #supervised: SupervisedConsumer;
  readonly #admin: Admin;
  readonly #stopping = new AbortController();
  #frontier: Frontier | undefined;
  #opening: Promise<void> | undefined;
  #failing: string | undefined;

  constructor(options: FollowerOptions) {
    const { kafka, shutdown, topics } = options;
    this.#options = options;
    this.#admin = kafka.client.admin();
    this.#supervised = new SupervisedConsumer({
      kafka,
      shutdown,
      name: 'follower',
      groupId: followerGroupPrefix(kafka.service, kafka.settings.KAFKA_TOPIC_PREFIX) + randomUUID(),
      topics,
      run: { eachBatch: (payload) => this.#eachBatch(payload) },
    });
    // Told also of batches whose records compaction has removed, which never reach eachBatch.
    this.#supervised.consumer.on(this.#supervised.consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      if (Number(payload.batchSize) === 0) this.#frontier?.reached(payload, BigInt(payload.lastOffset) + 1n);
    });
  }

  start(): void {
    this.#opening ??= this.#open();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#opening;
    await this.#supervised.stop();
    await this.#admin.disconnect();
  }

  /** Whether everything that was there at the start has been applied. */
  get caughtUp(): boolean {
    return this.#frontier?.passed ?? false;
  }

  ready(): true | string {
    if (!this.caughtUp) return 'has not caught up yet';
    if (this.#failing !== undefined) return this.#failing;
    const silentMs = this.#supervised.msSinceFetch;
    return silentMs <= STALE_MS ? true : `Kafka has not answered for ${Math.round(silentMs / 1_000)} s`;
  }

  /** The end offsets are taken before the first fetch, so catching up means to be no older than this start. */
  async #open(): Promise<void> {
    while (!this.#stopping.signal.aborted && !this.#frontier) {
      try {
        this.#frontier = await this.#readFrontier();
      } catch (error) {
        // The consumer meets the same refusal, and ends the process with it.
        if (!isRetriable(error)) break;
        log('follower').info({ err: error }, 'follower_waits_for_kafka');
        await delay(RETRY_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      }
    }
    if (!this.#stopping.signal.aborted) this.#supervised.start();
  }

  async #readFrontier(): Promise<Frontier> {
    const { kafka, topics } = this.#options;
    await this.#admin.connect();
    const frontier = new Frontier();
    for (const topic of topics.map((name) => kafka.prefixed(name))) {
      for (const { partition, low, high } of await this.#admin.fetchTopicOffsets(topic)) {
        frontier.expect({ topic, partition }, BigInt(low), BigInt(high));
      }
    }
    return frontier;
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const pulse = new Pulse(() => payload.heartbeat());
    const stopped = () => !payload.isRunning() || payload.isStale() || pulse.lost || this.#stopping.signal.aborted;
    try {
      const topic = this.#options.kafka.unprefixed(batch.topic);
      for (const { key, value, headers, offset } of batch.messages) {
        const record = { topic, partition: batch.partition, offset, key, value, ...(headers && { headers }) };
        if (stopped() || !(await this.#applied(record, stopped))) return;
        payload.resolveOffset(offset);
      }
      this.#frontier?.reached(batch, BigInt(batch.lastOffset()) + 1n);
    } finally {
      pulse.end();
    }
    pulse.rethrow();
  }

  /** Tries until it is applied: an instance that skipped a revocation would accept what it should refuse. */
  async #applied(record: KafkaRecord, stopped: () => boolean): Promise<boolean> {
    while (!stopped()) {
      try {
        followed.inc({
          follower: this.#options.kafka.service,
          topic: record.topic,
          outcome: await this.#apply(record),
        });
        this.#failing = undefined;
        return true;
      } catch (error) {
        this.#failing = `cannot apply ${record.topic}[${record.partition}] offset ${record.offset}`;
        log('follower').error({ err: error, reason: this.#failing }, 'follower_cannot_apply');
        await delay(RETRY_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      }
    }
    return false;
  }

  async #apply(record: KafkaRecord): Promise<'applied' | 'skipped' | 'unreadable'> {
    const { handlers } = this.#options;
    if (isTombstone(record)) {
      await handlers.deletionHandler(record.topic)?.(record.key?.toString() ?? '');
      return 'applied';
    }
    const message = this.#read(record);
    if (message === 'unreadable') return message;
    const handler = message && handlers.followHandler(message.type, message.version);
    await handler?.apply(message as Message); // -- a handler is found only for a message
    return handler ? 'applied' : 'skipped';
  }

  /** What cannot be read cannot be applied by anybody, ever: it is told, and the rest must not wait for it. */
  #read(record: KafkaRecord): Message | undefined | 'unreadable' {
    try {
      return parseMessage(decodeMessage(record));
    } catch (error) {
      if (!(error instanceof UnreadableMessage)) throw error;
      const { topic, partition, offset } = record;
      log('follower').error({ err: error, topic, partition, offset }, 'follower_skips_unreadable_message');
      return 'unreadable';
    }
  }
}
