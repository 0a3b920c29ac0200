import type { Kafka, Producer, TopicMessages } from 'kafkajs';
import { Partitioners } from 'kafkajs';
import { recordBytes } from '../wire.ts';
import type { OutgoingRecord } from './relay-source.ts';

/**
 * Bytes of one topic in one request. The broker refuses a batch of a partition above its `message.max.bytes` (1 MiB)
 * for good, which would wedge the relay; all records of a topic may belong to one partition.
 */
export const MAX_REQUEST_BYTES_PER_TOPIC = 512 * 1_024;

/** Rides out a leader election with the same producer id, so that no duplicates come of it. */
const RETRY = { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000 };

/**
 * The only producer of its shard, with one awaited send at a time. Two concurrent sends of one idempotent producer
 * LOSE acknowledged messages when a response gets lost; and what a rejected send left behind in the client is
 * unknown, so the producer is thrown away before the next one.
 */
export class ShardProducer {
  readonly #kafka: Kafka;
  readonly #nameOf: (topic: string) => string;
  #producer: Producer | undefined;

  /** `nameOf` tells what a declared topic is called on the brokers. */
  constructor(kafka: Kafka, nameOf: (topic: string) => string) {
    this.#kafka = kafka;
    this.#nameOf = nameOf;
  }

  /** Sends `records` in order and resolves when every in-sync replica has them; rejects with the outcome unknown. */
  async send(records: readonly OutgoingRecord[]): Promise<void> {
    try {
      const producer = await this.#connected();
      for (const request of requestsOf(records)) {
        const topicMessages = request.map(({ topic, messages }) => ({ topic: this.#nameOf(topic), messages }));
        await producer.sendBatch({ acks: -1, topicMessages });
      }
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** Closes the producer; the next send starts a new one. */
  async discard(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    // A producer that cannot even say goodbye is gone just as well.
    await producer?.disconnect().catch(() => undefined);
  }

  async #connected(): Promise<Producer> {
    if (this.#producer) return this.#producer;
    const producer = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: RETRY,
    });
    this.#producer = producer;
    await producer.connect();
    return producer;
  }
}

/** Cuts `records` into requests, in order, none with more than the allowed bytes of one topic. */
export function requestsOf(records: readonly OutgoingRecord[]): TopicMessages[][] {
  const requests: Map<string, TopicMessages>[] = [];
  let bytesOf = new Map<string, number>();
  for (const record of records) {
    const { topic, key, value, headers } = record;
    const bytes = recordBytes(key, headers, value);
    const used = bytesOf.get(topic) ?? 0;
    if (requests.length === 0 || (used > 0 && used + bytes > MAX_REQUEST_BYTES_PER_TOPIC)) {
      requests.push(new Map());
      bytesOf = new Map();
    }
    // The line above made sure that there is a last request.
    const request = requests.at(-1) as Map<string, TopicMessages>;
    const messages = request.get(topic) ?? { topic, messages: [] };
    messages.messages.push({ key, value, headers: { ...headers } });
    request.set(topic, messages);
    bytesOf.set(topic, (bytesOf.get(topic) ?? 0) + bytes);
  }
  return requests.map((request) => [...request.values()]);
}
