import { Global, Module } from '@nestjs/common';
import type { DynamicModule, OnApplicationBootstrap } from '@nestjs/common';
import type { Service } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { KafkaEventStrategy } from './consume/kafka-event.strategy.ts';
import { KafkaConnection } from './kafka.ts';
import type { KafkaOptions } from './kafka.ts';
import { BacklogLimit } from './outbox/backlog-limit.ts';
import { FactGroups } from './outbox/fact-groups.ts';
import { Outbox } from './outbox/outbox.ts';
import { PartitionKeeper } from './outbox/partition-keeper.ts';
import { OutboxSource } from './relay/outbox-source.ts';
import { Relays } from './relay/relays.ts';
import type { KafkaSettings } from './settings.ts';

export interface MessagingModuleOptions extends KafkaOptions {
  readonly service: Service;
  readonly kafka: KafkaSettings;
  /** Whether the service reads from Kafka too, and so gets a `KafkaEventStrategy`; true unless told. */
  readonly consumes?: boolean;
}

/** Provides `Outbox`, `Relays` and `KafkaConnection` to the whole service and runs the relay of its outbox. */
@Global()
@Module({})
export class MessagingModule implements OnApplicationBootstrap {
  constructor(
    private readonly outbox: Outbox,
    private readonly limit: BacklogLimit,
    private readonly relays: Relays,
    private readonly database: Database,
    private readonly kafka: KafkaConnection,
    private readonly health: Health,
    private readonly shutdown: Shutdown,
  ) {}

  static register({ service, kafka, consumes = true, ...options }: MessagingModuleOptions): DynamicModule {
    const transport = consumes ? [KafkaEventStrategy] : [];
    return {
      module: MessagingModule,
      providers: [
        { provide: KafkaConnection, useFactory: () => new KafkaConnection(service, kafka, options) },
        {
          provide: BacklogLimit,
          useFactory: () =>
            new BacklogLimit({ maxRows: kafka.OUTBOX_MAX_ROWS, maxAgeSeconds: kafka.OUTBOX_MAX_AGE_SECONDS }),
        },
        {
          provide: Outbox,
          inject: [BacklogLimit, Database],
          useFactory: (limit: BacklogLimit, database: Database) => new Outbox(service, limit, new FactGroups(database)),
        },
        {
          provide: Relays,
          inject: [Database, KafkaConnection, Health, Shutdown],
          useFactory: (database: Database, connection: KafkaConnection, health: Health, shutdown: Shutdown) =>
            new Relays(database, connection, health, shutdown),
        },
        ...transport,
      ],
      exports: [KafkaConnection, Outbox, Relays, ...transport],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    const source = new OutboxSource(this.database, this.kafka.settings.OUTBOX_MAX_ROWS);
    const { wake } = this.relays.add(source, (backlog) => this.limit.measured(backlog));
    this.outbox.onCommit(wake);
    const partitions = new PartitionKeeper(this.database);
    await partitions.start();
    this.shutdown.on('relay', 'outbox partitions', () => Promise.resolve(partitions.stop()));
    this.health.add({
      name: 'outbox',
      ready: () => this.limit.reason ?? true,
      exercise: async () => void (await source.backlog()),
    });
    this.health.add({ name: 'kafka', exercise: () => this.kafka.exercise() });
  }
}
