import { jest } from '@jest/globals';
import { emailVerifications, services, tokenRevocations } from '@gatehouse/contracts';
import type { Topic } from '@gatehouse/contracts';
import { createSuite, eventually } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import kafkajs from 'kafkajs';
import type { Admin, Kafka } from 'kafkajs';
import { followerGroupPrefix, groupOf, readerGroupPrefix, topicsOfServices } from './declared-topics.ts';
import { declaredAcls, ensureAcls } from './ensure-acls.ts';
import { checkTopics, ensureTopics, TopicMismatchError } from './ensure-topics.ts';

jest.setTimeout(90_000);

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
const topics = [emailVerifications, tokenRevocations];

let suite: Suite;
let admin: Admin;
beforeAll(async () => {
  suite = await createSuite('access');
  admin = await suite.kafkaAdmin();
  await ensureTopics(admin, topics, suite.topicPrefix);
  await ensureAcls(admin, topics, { prefix: suite.topicPrefix, readers: ['observer'] });
});
afterAll(() => suite.dispose());

const noRetry = { retries: 0 };
/** kafkajs hides why it may not use a group behind not finding the group's coordinator. */
const REFUSED = /authorized|group coordinator/i;
const named = (topic: Topic) => suite.topicPrefix + topic.name;

async function write(kafka: Kafka, topic: Topic): Promise<unknown> {
  const producer = kafka.producer({ idempotent: true, retry: { retries: 1 } });
  try {
    await producer.connect();
    return await producer.send({ topic: named(topic), acks: -1, messages: [{ key: 'k', value: 'v' }] });
  } finally {
    await producer.disconnect();
  }
}

/** Joins a group and reads the first message, or rejects with what kept it from that. */
async function read(kafka: Kafka, topic: Topic, groupId: string): Promise<void> {
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, retry: { ...noRetry, restartOnFailure: () => Promise.resolve(false) } }); // prettier-ignore
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topic: named(topic), fromBeginning: true });
    await consumer.run({ autoCommit: false, eachMessage: () => Promise.resolve(resolve()) });
    await promise;
  } finally {
    await consumer.disconnect();
  }
}

test('the declared producer writes, and every other service and the observer are refused', async () => {
  await expect(write(suite.kafka('email-verification'), emailVerifications)).resolves.toBeDefined();
  for (const principal of [...services.filter((service) => service !== 'email-verification'), 'observer'] as const) {
    await expect(write(suite.kafka(principal), emailVerifications)).rejects.toThrow(/authoriz/i);
  }
});

test('without access rules at all, nobody but the superuser writes: the broker fails closed (negative control)', async () => {
  const bare = { ...emailVerifications, name: 'bare' };
  await ensureTopics(admin, [bare], suite.topicPrefix);
  await expect(write(suite.kafka('email-verification'), bare)).rejects.toThrow(/authoriz/i);
  await ensureAcls(admin, [bare], { prefix: suite.topicPrefix });
  await expect(write(suite.kafka('email-verification'), bare)).resolves.toBeDefined();
});

test('an unknown principal and a wrong password are refused', async () => {
  const login = (username: string, password: string) =>
    suite.kafka('admin', { sasl: { mechanism: 'scram-sha-256', username, password }, retry: noRetry });
  for (const kafka of [login('mallory', 'a password of hers'), login('token', 'not the password of token')]) {
    await expect(write(kafka, emailVerifications)).rejects.toThrow(/authentication/i);
  }
});

test('a consumer reads its topic in its own group, and not in the group of another service', async () => {
  const prefix = suite.topicPrefix;
  await read(suite.kafka('token'), emailVerifications, groupOf('token', prefix));
  await expect(read(suite.kafka('token'), emailVerifications, groupOf('audit-log', prefix))).rejects.toThrow(REFUSED);
  await expect(read(suite.kafka('authorization'), emailVerifications, groupOf('authorization', prefix))).rejects.toThrow(REFUSED); // prettier-ignore
});

test('a follower reads its topic in a group of its own making', async () => {
  await write(suite.kafka('token'), tokenRevocations);
  const group = `${followerGroupPrefix('authorization', suite.topicPrefix)}8f1c`;
  await read(suite.kafka('authorization'), tokenRevocations, group);
});

test('a reader such as the local observer reads every topic of the prefix, in groups of its own', async () => {
  await read(
    suite.kafka('observer'),
    emailVerifications,
    `${readerGroupPrefix('observer', suite.topicPrefix)}watching`,
  );
});

test("a reader joins no service's group, also where an earlier version has let it join every one", async () => {
  const groups = [groupOf('token', suite.topicPrefix), `${followerGroupPrefix('token', suite.topicPrefix)}8f1c`];
  const join = (group: string) => read(suite.kafka('observer'), emailVerifications, group);
  for (const group of groups) await expect(join(group)).rejects.toThrow(REFUSED);
  const everyGroup = {
    principal: 'User:observer',
    host: '*',
    permissionType: AclPermissionTypes.ALLOW,
    operation: AclOperationTypes.READ,
    resourceType: AclResourceTypes.GROUP,
    resourceName: suite.topicPrefix,
    resourcePatternType: ResourcePatternTypes.PREFIXED,
  };
  await admin.createAcls({ acl: [everyGroup] });
  // The negative control: with the entry of an earlier version it does join.
  await eventually(() => join(groups[0]!), { within: '20s' });
  await ensureAcls(admin, topics, { prefix: suite.topicPrefix, readers: ['observer'] });
  await eventually(() => expect(join(groups[0]!)).rejects.toThrow(REFUSED), { within: '20s' });
});

test('a service that stops consuming a topic loses the right to read it', async () => {
  const once = { ...emailVerifications, name: 'once', consumers: ['token', 'audit-log'] } as const;
  await ensureTopics(admin, [once], suite.topicPrefix);
  await ensureAcls(admin, [once], { prefix: suite.topicPrefix });
  await ensureAcls(admin, [{ ...once, consumers: ['audit-log'] }], { prefix: suite.topicPrefix });
  const { resources } = await admin.describeAcls({
    resourceType: AclResourceTypes.TOPIC,
    resourceName: named(once),
    resourcePatternType: ResourcePatternTypes.LITERAL,
    operation: AclOperationTypes.ANY,
    permissionType: AclPermissionTypes.ANY,
  });
  const principals = resources.flatMap(({ acls }) => acls.map(({ principal }) => principal));
  expect(principals.sort()).toEqual(['User:audit-log', 'User:email-verification']);
});

test('a topic that is not as declared is an error that names both values, and stays as it is', async () => {
  const changed = { ...emailVerifications, partitions: 12, retentionMs: 1_000 };
  const refused = ensureTopics(admin, [changed], suite.topicPrefix);
  await expect(refused).rejects.toBeInstanceOf(TopicMismatchError);
  await expect(refused).rejects.toThrow('partitions is declared 12, Kafka has 6');
  await expect(refused).rejects.toThrow('retention.ms is declared 1000, Kafka has 1209600000');
  await expect(ensureTopics(admin, topics, suite.topicPrefix)).resolves.toEqual([]);
});

test('a look at the topics tells what is missing and creates nothing', async () => {
  const missing = { ...emailVerifications, name: 'missing' };
  const found = await checkTopics(admin, [...topics, missing], suite.topicPrefix);
  expect(found).toEqual({ missing: [named(missing)], mismatches: [] });
  expect(await admin.listTopics()).not.toContain(named(missing));
});

test('no declared topic has two services that may write to it', () => {
  const writers = new Map<string, Set<string>>();
  for (const { principal, operation, resourceName } of declaredAcls(topicsOfServices(), { prefix: '' })) {
    if (operation !== AclOperationTypes.WRITE) continue;
    writers.set(resourceName, (writers.get(resourceName) ?? new Set()).add(principal));
  }
  expect([...writers].filter(([, principals]) => principals.size > 1)).toEqual([]);
});
