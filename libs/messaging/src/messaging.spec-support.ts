import { Secret } from '@gatehouse/config';
import type { Service } from '@gatehouse/contracts';
import { Database, migrate } from '@gatehouse/database';
import type { ServiceOperator } from '@gatehouse/database';
import { createSuite, testPlatform } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import type { Kafka, KafkaMessage } from 'kafkajs';
import { KafkaConnection } from './kafka.ts';
import type { KafkaOptions } from './kafka.ts';
import { messagingMigrations } from './migrations/index.ts';
import type { KafkaSettings } from './settings.ts';

const SERVICE: Service = 'token';

export const operator: ServiceOperator = {
  service: SERVICE,
  databaseUrlVariable: 'TOKEN_DATABASE_URL',
  migrations: [...messagingMigrations],
  entities: [],
};

/** One database with the messaging tables and one corner of Kafka, for specs of outbox and relay. */
export interface Bench {
  readonly suite: Suite;
  readonly database: Database;
  readonly settings: KafkaSettings;
  readonly admin: Kafka;
  connection(options?: KafkaOptions): KafkaConnection;
  /** Creates a topic, by its declared name. */
  createTopic(name: string, partitions?: number): Promise<void>;
  /** Everything in a topic: per partition in order. */
  messagesOf(name: string): Promise<KafkaMessage[][]>;
  close(): Promise<void>;
}

export async function openBench(name: string): Promise<Bench> {
  const suite = await createSuite(name);
  const url = suite.databaseUrl(SERVICE);
  await migrate(operator, 'up', { TOKEN_DATABASE_URL: url });
  const database = new Database({
    url: new Secret(url),
    applicationName: SERVICE,
    entities: [],
    poolSize: 10,
    constraints: {},
  });
  await database.open();
  const { brokers, passwords } = testPlatform().kafka;
  const settings: KafkaSettings = {
    KAFKA_BROKERS: brokers.split(','),
    KAFKA_USERNAME: 'admin',
    KAFKA_PASSWORD: new Secret(passwords.admin),
    KAFKA_MECHANISM: 'scram-sha-256',
    KAFKA_TLS: false,
    KAFKA_TOPIC_PREFIX: suite.topicPrefix,
    OUTBOX_MAX_ROWS: 100_000,
    OUTBOX_MAX_AGE_SECONDS: 600,
  };
  const admin = suite.kafka();
  return {
    suite,
    database,
    settings,
    admin,
    connection: (options) => new KafkaConnection(SERVICE, settings, options),
    createTopic: (topic, partitions = 1) => createTopic(admin, suite.topicPrefix + topic, partitions),
    messagesOf: (topic) => messagesOf(admin, suite.topicPrefix + topic),
    close: async () => {
      await database.close();
      await suite.dispose();
    },
  };
}

async function createTopic(kafka: Kafka, topic: string, numPartitions: number): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
  await admin.disconnect();
}

/** Reads a topic from its beginning to the end that it has now. */
async function messagesOf(kafka: Kafka, topic: string): Promise<KafkaMessage[][]> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const messages: KafkaMessage[][] = ends.map(() => []);
  const open = new Set(ends.filter(({ low, high }) => low !== high).map(({ partition }) => partition));
  if (open.size === 0) return messages;
  const group = `${topic}.reader.${Math.random().toString(36).slice(2)}`;
  const consumer = kafka.consumer({ groupId: group });
  const { promise, resolve } = Promise.withResolvers<void>();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: ({ partition, message }) => {
      messages[partition]?.push(message);
      if (Number(message.offset) + 1 >= Number(ends.find((end) => end.partition === partition)?.high)) {
        open.delete(partition);
      }
      if (open.size === 0) resolve();
      return Promise.resolve();
    },
  });
  await promise;
  await consumer.disconnect();
  return messages;
}
