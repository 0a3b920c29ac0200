import { kafkaClient } from '@gatehouse/local-platform';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { eventually } from './eventually.ts';
import { createSuite } from './suite.ts';
import type { Suite } from './suite.ts';
import { testPlatform } from './test-platform.ts';

let suite: Suite;
beforeAll(async () => {
  suite = await createSuite('suite');
});
afterAll(() => suite.dispose());

async function query(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString });
  await client.connect();
  return client
    .query(sql)
    .then(({ rows }) => rows as unknown[])
    .finally(() => client.end());
}

test("a service's role owns its database and can connect to no other one", async () => {
  expect(await query(suite.databaseUrl('token'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  const foreign = new URL(suite.databaseUrl('token'));
  foreign.pathname = suite.databaseOf('audit-log');
  await expect(query(foreign.href, 'SELECT 1')).rejects.toThrow(/permission denied for database/);
});

test('two suites of one name share nothing', async () => {
  const other = await createSuite('suite');
  try {
    expect(other.topicPrefix).not.toBe(suite.topicPrefix);
    expect(other.redisCacheUrl).not.toBe(suite.redisCacheUrl);
    expect(other.databaseUrl('token')).not.toBe(suite.databaseUrl('token'));
  } finally {
    await other.dispose();
  }
});

test('a Kafka principal without an access rule is refused, and so is a wrong password', async () => {
  const admin = await suite.kafkaAdmin();
  const topic = `${suite.topicPrefix}topic`;
  await admin.createTopics({ topics: [{ topic }], waitForLeaders: false });
  await eventually(() => admin.fetchTopicOffsets(topic), { within: '10s' });
  const send = async (kafka = suite.kafka()) => {
    const producer = kafka.producer({ retry: { retries: 0 } });
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'x' }] }).finally(() => producer.disconnect());
  };
  await send();
  await expect(send(suite.kafka('token'))).rejects.toThrow(/not authorized/i);
  const { brokers } = testPlatform().kafka;
  await expect(send(kafkaClient(brokers, 'token', 'wrong', { retry: { retries: 0 } }))).rejects.toThrow(/authentication/i); // prettier-ignore
});

test("a service's Redis user touches its own keys only, in the suite's database only", async () => {
  const token = new Redis(suite.env('token').STATE_REDIS_URL ?? '');
  try {
    await token.set('token:x', '1');
    await expect(token.get('audit-log:x')).rejects.toThrow(/NOPERM/);
    await expect(token.flushdb()).rejects.toThrow(/NOPERM/);
    const administrator = new Redis(suite.redisStateUrl);
    expect(await administrator.keys('*')).toEqual(['token:x']);
    administrator.disconnect();
  } finally {
    token.disconnect();
  }
});

test('nothing of a disposed suite is left', async () => {
  const other = await createSuite('gone');
  const admin = await suite.kafkaAdmin();
  await admin.createTopics({ topics: [{ topic: `${other.topicPrefix}topic` }], waitForLeaders: false });
  await other.dispose();
  expect((await admin.listTopics()).filter((topic) => topic.startsWith(other.topicPrefix))).toEqual([]);
  await expect(query(other.databaseUrl('token'), 'SELECT 1')).rejects.toThrow(/does not exist/);
});
