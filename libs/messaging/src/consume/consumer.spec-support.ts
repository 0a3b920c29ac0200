import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { loadConfig, Secret } from '@gatehouse/config';
import type { Variables } from '@gatehouse/config';
import { emailVerifications, emailVerified, topicOf } from '@gatehouse/contracts';
import type { AnyEvent, DataOf, Service } from '@gatehouse/contracts';
import { Database, migrate, uuidv7 } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { configureLogging } from '@gatehouse/telemetry';
import { createSuite, eventually, violationsOf } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import type { Admin, Message as KafkaMessage, Producer } from 'kafkajs';
import { KafkaConnection } from '../kafka.ts';
import type { KafkaOptions } from '../kafka.ts';
import { messagingMigrations } from '../migrations/index.ts';
import { kafkaSettings } from '../settings.ts';
import { groupOf } from '../topics/declared-topics.ts';
import { encodeHeaders } from '../wire.ts';
import type { KafkaRecord, Message, RawMessage } from '../wire.ts';
import type { HandlerDeclaration } from './handler-declaration.ts';
import { Handlers } from './handlers.ts';
import { Inbox } from './inbox.ts';
import { KafkaEventStrategy } from './kafka-event.strategy.ts';
import { RecordHandler } from './record-handler.ts';
import { ParkedMessages } from '../park/parked-messages.ts';

/** A consumer joins, fetches, waits and retries; each of these has its own bound in the tests. */
jest.setTimeout(90_000);

/** The service under test. */
export const SERVICE: Service = 'token';
/** The topic that it consumes. */
export const TOPIC = 'email-verification.verifications';

/** A running application whose controllers are connected to Kafka. */
export interface RunningApp {
  readonly strategy: KafkaEventStrategy;
  readonly health: Health;
  readonly shutdown: Shutdown;
  stop(): Promise<void>;
}

export interface StartOptions extends KafkaOptions {
  readonly database?: Database;
  /** Whether `start` waits until the service is ready; true unless told. */
  readonly untilReady?: boolean;
}

/** What differs from the record that a relay would write. */
export interface Overrides {
  readonly id?: string;
  readonly key?: string | Buffer | null;
  readonly value?: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly sequence?: number;
}

export interface Sent {
  readonly id: string;
  readonly offset: number;
}

const operator = {
  service: SERVICE,
  databaseUrlVariable: 'TOKEN_DATABASE_URL',
  migrations: messagingMigrations,
  entities: [],
};

/** A database with a table for effects, and topics to consume. */
export class ConsumerBench {
  readonly #running = new Set<RunningApp>();

  private constructor(
    readonly suite: Suite,
    readonly database: Database,
    readonly admin: Admin,
    readonly producer: Producer,
  ) {}

  /** `topics` are created with as many partitions as said. */
  static async open(name: string, topics: Readonly<Record<string, number>> = { [TOPIC]: 1 }): Promise<ConsumerBench> {
    configureLogging({ service: SERVICE, level: 'silent' });
    const suite = await createSuite(name);
    await migrate(operator, 'up', suite.env(SERVICE));
    const database = databaseOf(suite);
    await database.open();
    await database.query('CREATE TABLE effect (id bigserial PRIMARY KEY, key text, what text)');
    const admin = await suite.kafkaAdmin();
    const names = Object.entries(topics).map(([topic, numPartitions]) => ({
      topic: suite.topicPrefix + topic,
      numPartitions,
    }));
    if (names.length > 0) await admin.createTopics({ topics: names, waitForLeaders: false });
    for (const { topic } of names) await eventually(() => admin.fetchTopicOffsets(topic), { within: '10s' });
    const producer = suite.kafka().producer({ idempotent: true });
    await producer.connect();
    return new ConsumerBench(suite, database, admin, producer);
  }

  /** What Kafka calls a topic of this bench. */
  prefixed(topic: string): string {
    return this.suite.topicPrefix + topic;
  }

  /** Handles records as a consumer would, without Kafka. */
  async handle(handlers: Handlers, records: readonly KafkaRecord[], inbox = new Inbox(this.database, SERVICE)) {
    const parked = new ParkedMessages(this.database, SERVICE);
    const handler = new RecordHandler(SERVICE, this.database, handlers, inbox, parked);
    await handler.handle(records, { stopped: () => false, settled: () => undefined });
  }

  /** The service's environment, with the superuser's login to Kafka. */
  environment(): Record<string, string> {
    const { KAFKA_ADMIN_USERNAME = '', KAFKA_ADMIN_PASSWORD = '' } = this.suite.operatorEnv();
    const login = { KAFKA_USERNAME: KAFKA_ADMIN_USERNAME, KAFKA_PASSWORD: KAFKA_ADMIN_PASSWORD };
    return { ...this.suite.env(SERVICE), ...login };
  }

  /** The service's connection; as the superuser, unless `login` has the KAFKA_USERNAME and KAFKA_PASSWORD of another. */
  connection(options: KafkaOptions = {}, login?: Variables): KafkaConnection {
    const env = { ...this.environment(), ...login };
    return new KafkaConnection(SERVICE, loadConfig(kafkaSettings, env), options);
  }

  /** Starts controllers of the service and waits until they are connected, or refuse to be. */
  async start(controllers: Type[], options: StartOptions = {}): Promise<RunningApp> {
    const { database = this.database, untilReady = true, ...kafka } = options;
    const [health, shutdown] = [new Health(), new Shutdown()];
    const strategy = new KafkaEventStrategy(this.connection(kafka), database, health, shutdown);
    const module = await Test.createTestingModule({ controllers }).compile();
    const app = module.createNestMicroservice({ strategy, logger: false });
    await app.listen();
    const running: RunningApp = {
      strategy,
      health,
      shutdown,
      stop: async () => {
        this.#running.delete(running);
        await app.close();
      },
    };
    this.#running.add(running);
    if (!untilReady) return running;
    await eventually(() => shutdown.fatalReason !== undefined || health.readiness().ready, { within: '30s' });
    return running;
  }

  /** Writes an event as its relay would. */
  async send<E extends AnyEvent>(event: E, data: DataOf<E>, overrides: Overrides = {}): Promise<Sent> {
    const { id, ...message } = messageOf(event, data, overrides);
    return { id, offset: await this.write(topicOf(event, 'email-verification').name, message) };
  }

  /** Writes a record as it is and returns its offset. */
  async write(topic: string, message: KafkaMessage): Promise<number> {
    const [written] = await this.producer.send({ topic: this.prefixed(topic), messages: [message] });
    return Number(written?.baseOffset);
  }

  /** The offset that the service's group has committed; null where none. */
  async committed(topic = TOPIC, partition = 0): Promise<number | null> {
    const groupId = groupOf(SERVICE, this.suite.topicPrefix);
    const [offsets] = await this.admin.fetchOffsets({ groupId, topics: [this.prefixed(topic)] });
    const offset = Number(offsets?.partitions.find((entry) => entry.partition === partition)?.offset ?? -1);
    return offset < 0 ? null : offset;
  }

  /** Resolves when the group has committed everything up to and with `offset`. */
  async past({ offset }: { readonly offset: number }, within: '5s' | '20s' = '20s'): Promise<void> {
    await eventually(async () => expect(await this.committed()).toBeGreaterThan(offset), { within });
  }

  /** What handlers wrote for a key with `addEffect`, in order. */
  async effectsOf(key: string): Promise<string[]> {
    const sql = 'SELECT what FROM effect WHERE key = $1 ORDER BY id';
    return (await this.database.query<{ what: string }>(sql, [key])).map(({ what }) => what);
  }

  /** What the checker of histories finds in all that was `sent` for a key, in this order, and what came of it. */
  async violationsOf(key: string, sent: readonly Sent[]): Promise<string[]> {
    const events = sent.map(({ id }, index) => ({ id, stream: key, sequence: index + 1 }));
    return violationsOf({ acknowledged: [], committed: new Set(), events, effects: await this.effectsOf(key) });
  }

  async parkedOf(key: string): Promise<{ id: string; offset: number; errorClass: string; attempts: number }[]> {
    return this.database.query(
      `SELECT id::text, "offset"::int, error_class AS "errorClass", attempts
       FROM parked_message WHERE key = $1 ORDER BY "offset"`,
      [key],
    );
  }

  /** Stops what is still running, also after a test that failed. */
  async stopAll(): Promise<void> {
    for (const app of this.#running) await app.stop();
  }

  async close(): Promise<void> {
    await this.stopAll();
    await this.producer.disconnect();
    await this.database.close();
    await this.suite.dispose();
  }
}

/** Another pool on the service's database. */
export function databaseOf(suite: Suite, url = suite.databaseUrl(SERVICE)): Database {
  return new Database({
    url: new Secret(url),
    applicationName: SERVICE,
    entities: [],
    poolSize: 5,
    constraints: {},
  });
}

/** The Kafka message of an event, as the relay of its producer writes it. */
export function messageOf<E extends AnyEvent>(event: E, data: DataOf<E>, overrides: Overrides = {}) {
  const { id = uuidv7(), sequence = 1, value = JSON.stringify(data) } = overrides;
  const key = event.kind === 'change' ? event.key(data) : id;
  const context = { actor_kind: 'service', actor_id: 'spec', request_id: randomUUID(), ip: null, user_agent: null } as const; // prettier-ignore
  const headers = {
    ...encodeHeaders({ id, event, service: 'email-verification', key, context, trace: {} }),
    ce_time: new Date().toISOString(),
    ce_sequence: String(sequence),
    ...overrides.headers,
  };
  return { id, key: overrides.key === undefined ? key : overrides.key, value, headers };
}

/** The same as a consumer gets it, at `offset` of the first partition. */
export function recordOf<E extends AnyEvent>(event: E, data: DataOf<E>, offset: number, overrides: Overrides = {}) {
  const { id, key, value, headers } = messageOf(event, data, overrides);
  const bytes = (content: string | Buffer | null) => (content === null ? null : Buffer.from(content));
  const place = { topic: topicOf(event, 'email-verification').name, partition: 0, offset: String(offset) };
  return { id, record: { ...place, key: bytes(key), value: bytes(value), headers } satisfies KafkaRecord };
}

/** The effect of a spec's handler. */
export async function addEffect(tx: Tx, message: { readonly key: string; readonly id: string }): Promise<void> {
  await tx.query('INSERT INTO effect (key, what) VALUES ($1, $2)', [message.key, message.id]);
}

/** Handlers of the service without Nest: one for each message, or one for batches. */
export function handlersOf(
  handle: (message: Message, tx: Tx) => unknown,
  handleBatch?: (messages: readonly RawMessage[], tx: Tx) => unknown,
): Handlers {
  const locks = ({ account_id }: DataOf<typeof emailVerified>): readonly string[] => [account_id];
  const declaration: HandlerDeclaration = handleBatch
    ? { kind: 'batch', topics: [emailVerifications], locks: () => [] }
    : { kind: 'message', event: emailVerified, locks };
  const call = (payload: unknown, tx: Tx): unknown =>
    handleBatch ? handleBatch(payload as RawMessage[], tx) : handle(payload as Message, tx);
  // As Nest calls it: what the method throws is the promise's rejection.
  const handler = Object.assign((payload: unknown, tx: Tx) => Promise.resolve().then(() => call(payload, tx)), {
    extras: { declaration },
  });
  return new Handlers(new Map([['handler', handler]]), SERVICE);
}

/** Data of one `email.verified` event of `account_id`. */
export function verified(account_id: string): DataOf<typeof emailVerified> {
  return { flow_id: uuidv7(), account_id, address_id: uuidv7(), method: 'code' };
}
