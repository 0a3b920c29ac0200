import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import kafkajs from 'kafkajs';
import type { Kafka, KafkaConfig } from 'kafkajs';
import { mavenFiles } from './maven.ts';
import type { Place, RunningPart } from './part.ts';
import { untilReady } from './readiness.ts';
import { newSecret } from './secrets.ts';

const run = promisify(execFile);
const project = join(import.meta.dirname, '..', 'kafka');

export interface KafkaOptions extends Place {
  readonly port: number;
  readonly controllerPort: number;
  /** Principals with their passwords, written when the storage is first formatted; `admin` is the superuser. */
  readonly users: Readonly<Record<string, string>> & { readonly admin: string };
  readonly heapMb: number;
}

export interface RunningKafka extends RunningPart {
  readonly brokers: string;
}

/**
 * One Kafka node in KRaft mode that takes SASL only, SCRAM from clients, and refuses whatever no ACL allows. Its controller,
 * which could change the ACLs, takes no connection but the node's own. Resolves when a message
 * has gone through a topic and a consumer group: the open port alone says nothing, coordinators load later.
 */
export async function startKafka(options: KafkaOptions): Promise<RunningKafka> {
  const jars = join(await mavenFiles({ ...options, project, take: 'jars' }), '*');
  mkdirSync(options.home, { recursive: true, mode: 0o700 });
  const properties = join(options.home, 'server.properties');
  writeFileSync(properties, serverProperties(options), { mode: 0o600 });
  await format(options, jars, properties);
  const kafka = options.processes.start({
    name: 'kafka',
    command: 'java',
    args: [
      `-Xmx${options.heapMb}m`,
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      `-Dlog4j2.configurationFile=${join(project, 'log4j2.properties')}`,
      '-cp',
      jars,
      'kafka.Kafka',
      properties,
    ],
    logFile: options.logFile,
  });
  const brokers = `127.0.0.1:${options.port}`;
  const client = kafkaClient(brokers, 'admin', options.users.admin);
  await untilReady(kafka, { logFile: options.logFile, attempt: () => passOneMessage(client) });
  return { ...kafka, brokers };
}

/** A kafkajs client of one principal; quiet, because retries at start are expected. */
export function kafkaClient(
  brokers: string,
  username: string,
  password: string,
  options: Partial<KafkaConfig> = {},
): Kafka {
  return new kafkajs.Kafka({
    clientId: username,
    brokers: brokers.split(','),
    sasl: { mechanism: 'scram-sha-256', username, password },
    logLevel: kafkajs.logLevel.NOTHING,
    ...options,
  });
}

function serverProperties({ home, port, controllerPort, users, forTests }: KafkaOptions): string {
  const login = `org.apache.kafka.common.security.scram.ScramLoginModule required username="admin" password="${users.admin}";`;
  const controller = newSecret(); // this node talks to itself, so each start may have its own
  const controllerLogin = `org.apache.kafka.common.security.plain.PlainLoginModule required username="controller" password="${controller}" user_controller="${controller}";`;
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `SASL_PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `SASL_PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'SASL_PLAINTEXT',
    'listener.security.protocol.map': 'CONTROLLER:SASL_PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-256',
    'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-256',
    'listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config': login,
    'sasl.mechanism.controller.protocol': 'PLAIN',
    'listener.name.controller.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.controller.plain.sasl.jaas.config': controllerLogin,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:admin;User:controller',
    'log.dirs': join(home, 'data'),
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 5,
    // Kafka forgets the offsets of a group that was away for a week; a laptop may be, and a lost offset ends a service.
    'offsets.retention.minutes': 525_600,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': false,
    'log.index.size.max.bytes': 1_048_576,
    ...(forTests && { 'log.segment.delete.delay.ms': 1_000 }),
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Formats the storage once; passwords go through an argument file, because a command line can be read by everyone. */
async function format({ home, users }: KafkaOptions, jars: string, properties: string): Promise<void> {
  const done = join(home, 'formatted');
  if (existsSync(done)) return;
  rmSync(join(home, 'data'), { recursive: true, force: true });
  const scram = Object.entries(users).map(([name, password]) => `SCRAM-SHA-256=[name=${name},password=${password}]`);
  const args = ['-cp', jars, 'kafka.tools.StorageTool', 'format', '-t', clusterId(), '-c', properties].concat(
    scram.flatMap((user) => ['--add-scram', user]),
  );
  const argumentFile = join(home, 'format.args');
  writeFileSync(argumentFile, args.map((arg) => `"${arg}"\n`).join(''), { mode: 0o600 });
  try {
    await run('java', [`@${argumentFile}`]);
  } finally {
    rmSync(argumentFile);
  }
  writeFileSync(done, '');
}

/** A Kafka cluster id: 16 random bytes in URL-safe base64, not starting with a dash, which a command line would misread. */
function clusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? clusterId() : id;
}

const PROBE = 'local-platform.probe';

/** Produces one message and reads it back through a group of its own: a group would wait for a member that was killed. */
async function passOneMessage(kafka: Kafka): Promise<void> {
  const groupId = `${PROBE}.${randomBytes(4).toString('hex')}`;
  const admin = kafka.admin({ retry: { retries: 0 } });
  const producer = kafka.producer({
    retry: { retries: 0 },
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  const consumer = kafka.consumer({ groupId, retry: { retries: 2, initialRetryTime: 100 } });
  try {
    await admin.connect();
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: PROBE, configEntries: [{ name: 'retention.ms', value: '60000' }] }] }); // prettier-ignore
    await producer.connect();
    await consumer.connect();
    await consumer.subscribe({ topic: PROBE, fromBeginning: true });
    const value = randomBytes(8).toString('hex');
    const arrived = new Promise<void>((resolve, reject) => {
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
      const eachMessage = async ({ message }: { message: { value: Buffer | null } }) => {
        if (message.value?.toString() === value) resolve();
        await Promise.resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    // The consumer may crash while the send is still awaited; a rejection that nobody handles yet would end the process.
    arrived.catch(() => undefined);
    await producer.send({ topic: PROBE, messages: [{ value }] });
    await Promise.race([
      arrived,
      delay(15_000, undefined, { ref: false }).then(() => Promise.reject(new Error('the message did not arrive'))),
    ]);
  } finally {
    await consumer.disconnect().catch(() => undefined);
    await admin.deleteGroups([groupId]).catch(() => undefined);
    await Promise.allSettled([admin.disconnect(), producer.disconnect()]);
  }
}
