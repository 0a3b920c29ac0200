import { flag, integer, listOf, oneOf, secret, setting, settings, text } from '@gatehouse/config';
import type { ConfigOf } from '@gatehouse/config';

/** Kafka and the limits of the outbox; every service with events has these settings. */
export const kafkaSettings = settings(
  {
    KAFKA_BROKERS: setting(listOf(text().regex(/^[^\s:]+:\d+$/, 'must be host:port pairs')), {
      example: 'kafka-1:9092,kafka-2:9092',
      description: 'Kafka brokers to start from.',
    }),
    KAFKA_USERNAME: setting(text().min(1), {
      example: 'token',
      description: "The service's own Kafka principal.",
    }),
    KAFKA_PASSWORD: setting(secret(), { example: 'kp-2f1c…', description: 'Password of that principal.' }),
    KAFKA_MECHANISM: setting(oneOf(['scram-sha-256', 'scram-sha-512']).default('scram-sha-256'), {
      example: 'scram-sha-256',
      description: 'SASL mechanism.',
    }),
    KAFKA_TLS: setting(flag().default(false), {
      example: 'true',
      description: 'Whether brokers are reached over TLS.',
    }),
    KAFKA_TOPIC_PREFIX: setting(
      text()
        .regex(/^[a-z0-9.-]*$/, 'must be lower case letters, digits, dots and dashes')
        .default(''),
      {
        example: 'blue.',
        description: 'Put before every topic and consumer group, so that environments can share a cluster.',
      },
    ),
    OUTBOX_MAX_ROWS: setting(integer({ min: 1 }).default(100_000), {
      example: '100000',
      description: 'Events that may wait for Kafka before changes are refused.',
    }),
    OUTBOX_MAX_AGE_SECONDS: setting(integer({ min: 1 }).default(600), {
      example: '600',
      description: 'How long the oldest event may wait for Kafka before changes are refused, in seconds.',
    }),
  },
  {
    hardening: (config) => (config.KAFKA_TLS ? [] : ['KAFKA_TLS is off: events cross the network in the clear']),
  },
);
export type KafkaSettings = ConfigOf<typeof kafkaSettings>;
