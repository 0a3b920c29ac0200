import { Secret } from '@gatehouse/config';
import type { Service } from '@gatehouse/contracts';
import { Database, migrate, uuidv7 } from '@gatehouse/database';
import type { ServiceOperator } from '@gatehouse/database';
import { createSuite, eventually, testPlatform } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import type { Kafka, KafkaMessage } from 'kafkajs';
import { KafkaConnection } from './kafka.ts';
import type { KafkaOptions } from './kafka.ts';
import { messagingMigrations } from './migrations/index.ts';
import type { KafkaSettings } from './settings.ts';

const SERVICE: Service = 'token';

const operator: ServiceOperator = {
  service: SERVICE,
  databaseUrlVariable: 'TOKEN_DATABASE_URL',
  migrations: [...messagingMigrations],
  entities: [],
};

/** One database with the messaging tables and one corner of Kafka. */
export class Bench {
  private constructor(
    readonly suite: Suite,
    readonly database: Database,
    readonly settings: KafkaSettings,
  ) {}

  static async open(name: string): Promise<Bench> {
    const suite = await createSuite(name);
    const url = suite.databaseUrl(SERVICE);
    await migrate(operator, 'up', { TOKEN_DATABASE_URL: url });
    const target = { url: new Secret(url), applicationName: SERVICE };
    const database = new Database({ ...target, entities: [], poolSize: 10, constraints: {} });
    await database.open();
    return new Bench(suite, database, adminSettings(suite));
  }

  connection(options?: KafkaOptions): KafkaConnection {
    return new KafkaConnection(SERVICE, this.settings, options);
  }

  /** Creates a topic, by its declared name. */
  async createTopic(name: string, numPartitions = 1): Promise<void> {
    const admin = await this.suite.kafkaAdmin();
    const topic = this.suite.topicPrefix + name;
    // kafkajs' own waiting gives up where the broker has not heard of the topic yet.
    await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: false });
    await eventually(() => admin.fetchTopicOffsets(topic), { within: '10s' });
  }

  /** Everything in a topic now, by its declared name: per partition in order. */
  async messagesOf(name: string): Promise<KafkaMessage[][]> {
    return messagesOf(this.suite.kafka(), this.suite.topicPrefix + name);
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.suite.dispose();
  }
}

function adminSettings(suite: Suite): KafkaSettings {
  const { brokers, passwords } = testPlatform().kafka;
  return {
    KAFKA_BROKERS: brokers.split(','),
    KAFKA_USERNAME: 'admin',
    KAFKA_PASSWORD: new Secret(passwords.admin),
    KAFKA_MECHANISM: 'scram-sha-256',
    KAFKA_TLS: false,
    KAFKA_TOPIC_PREFIX: suite.topicPrefix,
    OUTBOX_MAX_ROWS: 100_000,
    OUTBOX_MAX_AGE_SECONDS: 600,
  };
}

async function messagesOf(kafka: Kafka, topic: string): Promise<KafkaMessage[][]> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const messages: KafkaMessage[][] = ends.map(() => []);
  const end = new Map(ends.map(({ partition, high }) => [partition, Number(high)]));
  const unread = new Set(ends.filter(({ low, high }) => low !== high).map(({ partition }) => partition));
  if (unread.size === 0) return messages;
  const consumer = kafka.consumer({ groupId: `${topic}.reader.${uuidv7()}`, maxWaitTimeInMs: 50 });
  const { promise, resolve } = Promise.withResolvers<void>();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: ({ partition, message }) => {
      messages[partition]?.push(message);
      if (Number(message.offset) + 1 >= (end.get(partition) ?? 0)) unread.delete(partition);
      if (unread.size === 0) resolve();
      return Promise.resolve();
    },
  });
  await promise;
  await consumer.disconnect();
  return messages;
}
