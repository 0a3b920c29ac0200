import { Controller } from '@nestjs/common';
import { emailVerifications, emailVerified } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { Shutdown } from '@gatehouse/lifecycle';
import { configureLogging } from '@gatehouse/telemetry';
import { eventually } from '@gatehouse/testing';
import kafkajs from 'kafkajs';
import { faultyKafka } from '../faulty-kafka.spec-support.ts';
import type { FaultyKafka } from '../faulty-kafka.spec-support.ts';
import { groupOf } from '../topics/declared-topics.ts';
import { declaredAcls, ensureAcls } from '../topics/ensure-acls.ts';
import type { Message } from '../wire.ts';
import { addEffect, ConsumerBench, SERVICE, TOPIC, verified } from './consumer.spec-support.ts';
import type { RunningApp } from './consumer.spec-support.ts';
import { Consumes } from './handler-declaration.ts';
import { SupervisedConsumer } from './supervised-consumer.ts';

const { AclResourceTypes } = kafkajs;

let bench: ConsumerBench;
let faulty: FaultyKafka;
beforeAll(async () => {
  bench = await ConsumerBench.open('outage');
  faulty = await faultyKafka(bench.connection().settings);
});
afterEach(async () => {
  faulty.proxy.restore();
  await bench.stopAll();
});
afterAll(async () => {
  await bench.close();
  await faulty.proxy.stop();
});

@Controller()
class Handler {
  @Consumes(emailVerified)
  handle(message: Message<typeof emailVerified>, tx: Tx): Promise<void> {
    return addEffect(tx, message);
  }
}

/** The log's lines of one event, from now on. */
function logged(event: string): string[] {
  const lines: string[] = [];
  const write = (line: string) => void (line.includes(`"${event}"`) && lines.push(line));
  configureLogging({ service: 'token', level: 'info', sink: { write } });
  return lines;
}

/** Sends a message past the faulty network and expects its effect, from a service that is alive. */
async function expectConsumption(app: RunningApp): Promise<void> {
  const account = uuidv7();
  const { id } = await bench.send(emailVerified, verified(account));
  await eventually(async () => expect(await bench.effectsOf(account)).toEqual([id]), { within: '40s' });
  expect(app.shutdown.fatalReason).toBeUndefined();
}

test('a Kafka that resets every connection for a while is waited for: no process ends, and consuming goes on', async () => {
  const app = await bench.start([Handler], faulty.options);
  await expectConsumption(app);
  const lines = logged('consumer_restarts');
  faulty.proxy.cut();
  await eventually(() => expect(lines.length).toBeGreaterThan(2), { within: '60s' });
  faulty.proxy.restore();
  await expectConsumption(app);
});

test('a service that starts while Kafka is away waits quietly, and consumes when it comes', async () => {
  faulty.proxy.cut();
  const app = await bench.start([Handler], { ...faulty.options, untilReady: false });
  await eventually(() => expect(faulty.proxy.open).toBe(0), { within: '5s' });
  expect(app.health.readiness().failing).toEqual([
    { part: 'consumer', reason: 'has not found its place in its group yet' },
  ]);
  faulty.proxy.restore();
  await expectConsumption(app);
  expect(app.health.readiness().ready).toBe(true);
});

/** A principal that may read the topic, but has no right to its group: what kafkajs cannot tell from an outage. */
async function keptOut() {
  const { suite } = bench;
  await ensureAcls(bench.admin, [emailVerifications], { prefix: suite.topicPrefix });
  const [group] = declaredAcls([emailVerifications], { prefix: suite.topicPrefix }).filter(
    ({ resourceType, principal }) => resourceType === AclResourceTypes.GROUP && principal === `User:${SERVICE}`,
  );
  await bench.admin.deleteAcls({ filters: [group!] });
  return { group: group!, kafka: bench.connection({}, suite.env(SERVICE)), shutdown: new Shutdown() };
}

test('a consumer that finds no coordinator is not given up at once, and joins when there is one', async () => {
  const { group, kafka, shutdown } = await keptOut();
  const lines = logged('consumer_restarts');
  const joined = Promise.withResolvers<void>();
  const consumer = new SupervisedConsumer({
    ...{ kafka, shutdown, name: 'consumer', topics: [TOPIC], joined: () => joined.resolve() },
    groupId: groupOf(SERVICE, bench.suite.topicPrefix),
    run: { eachBatch: () => Promise.resolve() },
  });
  consumer.start();
  await eventually(() => expect(lines.length).toBeGreaterThan(1), { within: '30s' });
  expect(shutdown.fatalReason).toBeUndefined();
  await bench.admin.createAcls({ acl: [group] });
  await joined.promise;
  await consumer.stop();
});

/** A service without any rule for the topic or the group. */
function stranger() {
  return { kafka: bench.connection({}, bench.suite.env('authorization')), shutdown: new Shutdown() };
}

test.each([
  ['its access rules keep out of its group', keptOut],
  ['has no access rules', stranger],
])('a consumer that %s ends the process for good, instead of being silently dead', async (_, refused) => {
  const { kafka, shutdown } = await refused();
  const consumer = new SupervisedConsumer({
    ...{ kafka, shutdown, name: 'consumer', topics: [TOPIC], patienceMs: 1_000 },
    groupId: groupOf(SERVICE, bench.suite.topicPrefix),
    run: { eachBatch: () => Promise.resolve() },
  });
  consumer.start();
  await eventually(() => expect(shutdown.fatalReason).toMatch(/^consumer crashed: .*(coordinator|authoriz)/i), {
    within: '30s',
  });
  expect(shutdown.ready()).toBe(shutdown.fatalReason);
  await consumer.stop();
});
