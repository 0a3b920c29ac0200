import { defineConfig, flag, listOf, loadConfig, oneOf, secret, setting, settings, text } from '@gatehouse/config';
import type { Variables } from '@gatehouse/config';
import kafkajs from 'kafkajs';
import type { Admin, SASLOptions } from 'kafkajs';

/** Kafka as an operator reaches it: the services' cluster, with a principal that may create topics and grant access. */
const operatorKafka = defineConfig(
  settings({
    KAFKA_BROKERS: setting(listOf(text().regex(/^[^\s:]+:\d+$/, 'must be host:port pairs')), {
      example: 'kafka-1:9092,kafka-2:9092',
      description: 'Kafka brokers to start from.',
    }),
    KAFKA_MECHANISM: setting(oneOf(['scram-sha-256', 'scram-sha-512']).default('scram-sha-256'), {
      example: 'scram-sha-256',
      description: 'SASL mechanism.',
    }),
    KAFKA_TLS: setting(flag().default(false), {
      example: 'true',
      description: 'Whether brokers are reached over TLS.',
    }),
    KAFKA_TOPIC_PREFIX: setting(text().default(''), {
      example: 'blue.',
      description: 'Put before every topic and consumer group, so that environments can share a cluster.',
    }),
    KAFKA_ADMIN_USERNAME: setting(text().min(1), {
      example: 'admin',
      description: 'Kafka principal that may create topics and grant access to them.',
    }),
    KAFKA_ADMIN_PASSWORD: setting(secret(), { example: 'ka-81d0…', description: 'Password of that principal.' }),
  }),
);

/** Runs `work` with a connected administrator of Kafka and the prefix of topics and groups. */
export async function withKafkaAdmin<T>(
  env: Variables,
  work: (admin: Admin, topicPrefix: string) => Promise<T>,
): Promise<T> {
  const config = loadConfig(operatorKafka, env);
  const kafka = new kafkajs.Kafka({
    clientId: 'gatehouse',
    brokers: config.KAFKA_BROKERS,
    ssl: config.KAFKA_TLS,
    sasl: {
      mechanism: config.KAFKA_MECHANISM,
      username: config.KAFKA_ADMIN_USERNAME,
      password: config.KAFKA_ADMIN_PASSWORD.reveal(),
    } as SASLOptions, // -- kafkajs types each mechanism apart, and takes no union of them
    // Failures are thrown, and told to the operator once.
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin, config.KAFKA_TOPIC_PREFIX);
  } finally {
    await admin.disconnect();
  }
}
