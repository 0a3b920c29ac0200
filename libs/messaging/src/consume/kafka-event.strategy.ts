import { Injectable } from '@nestjs/common';
import { Server } from '@nestjs/microservices';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { Database } from '@gatehouse/database';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { TopicFollower } from '../follow/topic-follower.ts';
import { KafkaConnection } from '../kafka.ts';
import { ParkedMessages } from '../park/parked-messages.ts';
import { ReleasedKeys } from '../park/released-keys.ts';
import { ConsumerMonitor } from './consumer-monitor.ts';
import { GroupConsumer } from './group-consumer.ts';
import { EVENT_TRANSPORT } from './handler-declaration.ts';
import { Handlers } from './handlers.ts';
import { Inbox } from './inbox.ts';
import { Positions } from './positions.ts';
import { RecordHandler } from './record-handler.ts';

interface Part {
  start(): void;
  stop(): Promise<void>;
}

/**
 * Nest's door to Kafka: connects the decorated methods of the service's controllers to a consumer group (`@Consumes`,
 * `@ConsumesBatch`) and to followers (`@Follows`). Nest's own Kafka transport commits events that no handler took,
 * swallows parse errors and retries a failing handler for ever, so nothing of it is used.
 */
@Injectable()
export class KafkaEventStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = EVENT_TRANSPORT;
  /** Failures reach us with their handler's result; Nest need not report them a second time. */
  override readonly propagatesEventHandlerErrors = true;
  readonly #parts: Part[] = [];

  constructor(
    private readonly kafka: KafkaConnection,
    private readonly database: Database,
    private readonly health: Health,
    private readonly shutdown: Shutdown,
  ) {
    super();
  }

  /** Checks the handlers and starts reading. Kafka being away is no error: readiness tells, and reading starts later. */
  listen(callback: (error?: unknown) => void): void {
    try {
      const handlers = new Handlers(this.messageHandlers, this.kafka.service);
      this.#follow(handlers);
      this.#consume(handlers);
      this.shutdown.on('consumers', 'events', () => this.close());
    } catch (error) {
      return callback(error);
    }
    for (const part of this.#parts) part.start();
    callback();
  }

  async close(): Promise<void> {
    await Promise.all(this.#parts.splice(0).map((part) => part.stop()));
  }

  override on(): never {
    throw new Error('Kafka events are handled by decorated controller methods only');
  }

  override unwrap(): never {
    throw new Error('The consumers belong to the transport');
  }

  #follow(handlers: Handlers): void {
    const topics = handlers.followedTopics;
    if (topics.length === 0) return;
    const follower = new TopicFollower({ kafka: this.kafka, shutdown: this.shutdown, topics, handlers });
    this.health.add({ name: 'follower', ready: () => follower.ready() });
    this.#parts.push(follower);
  }

  #consume(handlers: Handlers): void {
    const topics = handlers.consumedTopics;
    if (topics.length === 0) return;
    const { kafka, database, shutdown } = this;
    const { service } = kafka;
    const inbox = new Inbox(database, service);
    const parked = new ParkedMessages(database, service);
    const records = new RecordHandler(service, database, handlers, inbox, parked);
    const positions = new Positions(database, kafka, service);
    const consumer = new GroupConsumer({ kafka, shutdown, topics, records, positions });
    this.health.add({ name: 'consumer', ready: () => consumer.ready(), exercise: () => consumer.observe() });
    this.#parts.push(
      consumer,
      new ConsumerMonitor({ service, topics, consumer, parked, inbox }),
      new ReleasedKeys(service, database, handlers, parked),
    );
  }
}
