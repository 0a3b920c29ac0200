import { Kafka, logLevel } from 'kafkajs';
import type { ISocketFactory, LogEntry } from 'kafkajs';
import type { Service } from '@gatehouse/contracts';
import { log } from '@gatehouse/telemetry';
import { quietIdleConnections } from './kafkajs-idle.ts';
import type { KafkaSettings } from './settings.ts';

quietIdleConnections();

/** A request that got no answer for this long failed; its outcome is unknown. */
const REQUEST_TIMEOUT_MS = 10_000;

export interface KafkaOptions {
  /** Opens the sockets; tests put a faulty network between. */
  readonly socketFactory?: ISocketFactory;
}

/** The Kafka of this service: a client of the service's principal, and the names of the environment. */
export class KafkaConnection {
  readonly client: Kafka;

  constructor(
    readonly service: Service,
    readonly settings: KafkaSettings,
    options: KafkaOptions = {},
  ) {
    this.client = createKafka(settings, service, options);
  }

  /** What `name`, a declared topic or a consumer group, is called on the brokers. */
  prefixed(name: string): string {
    return this.settings.KAFKA_TOPIC_PREFIX + name;
  }

  /** The declared name of a topic of the brokers. */
  unprefixed(name: string): string {
    return name.slice(this.settings.KAFKA_TOPIC_PREFIX.length);
  }

  /** Really asks the brokers; throws where they do not answer. */
  async exercise(): Promise<void> {
    const admin = this.client.admin({ retry: { retries: 0 } });
    try {
      await admin.connect();
      await admin.describeCluster();
    } finally {
      await admin.disconnect();
    }
  }
}

/** A kafkajs client whose log lines go to the service's log. */
export function createKafka(settings: KafkaSettings, clientId: string, options: KafkaOptions = {}): Kafka {
  const { KAFKA_MECHANISM: mechanism, KAFKA_USERNAME: username, KAFKA_PASSWORD } = settings;
  const credentials = { username, password: KAFKA_PASSWORD.reveal() };
  return new Kafka({
    clientId,
    brokers: [...settings.KAFKA_BROKERS],
    ssl: settings.KAFKA_TLS,
    sasl:
      mechanism === 'scram-sha-256'
        ? { mechanism: 'scram-sha-256', ...credentials }
        : { mechanism: 'scram-sha-512', ...credentials },
    connectionTimeout: 3_000,
    requestTimeout: REQUEST_TIMEOUT_MS,
    logLevel: logLevel.WARN,
    logCreator: () => writeLog,
    ...options,
  });
}

/** Said of every idempotent producer that gives up at all; what gives up here is retried by the relay. */
const LIMITED_RETRIES = 'Limiting retries for the idempotent producer may invalidate EoS guarantees';

/** kafkajs calls an error what it is about to retry, so nothing of it is more than a warning here. */
function writeLog({ namespace, log: { message, timestamp: _, ...details } }: LogEntry): void {
  if (message === LIMITED_RETRIES) return;
  log('kafka').warn({ namespace, ...details, reason: message }, 'kafka_client');
}
