import { Controller } from '@nestjs/common';
import { emailVerified } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { eventually } from '@gatehouse/testing';
import { operatorOutbox } from '../outbox/operator-outbox.ts';
import { groupOf } from '../topics/declared-topics.ts';
import type { Message } from '../wire.ts';
import { acceptOffset } from './accept-offset.ts';
import { addEffect, ConsumerBench, SERVICE, TOPIC, verified } from './consumer.spec-support.ts';
import type { Sent } from './consumer.spec-support.ts';
import { offsetLost } from './consumer-metrics.ts';
import { DependencyFailure } from './failures.ts';
import { Consumes } from './handler-declaration.ts';

let bench: ConsumerBench;
let account: string;
let away = false;
beforeEach(async () => {
  bench = await ConsumerBench.open('offset-lost');
  account = uuidv7();
  away = false;
});
afterEach(() => bench.close());

@Controller()
class Handler {
  @Consumes(emailVerified)
  async handle(message: Message<typeof emailVerified>, tx: Tx): Promise<void> {
    if (away) throw new DependencyFailure('mail server');
    await addEffect(tx, message);
  }
}

const send = () => bench.send(emailVerified, verified(account));
const groupId = () => groupOf(SERVICE, bench.suite.topicPrefix);
const deleteBefore = (offset: number) =>
  bench.admin.deleteTopicRecords({
    topic: bench.prefixed(TOPIC),
    partitions: [{ partition: 0, offset: String(offset) }],
  });

/** Has the service handle `count` messages and stop. */
async function handleAndStop(count: number): Promise<Sent[]> {
  const app = await bench.start([Handler]);
  const sent: Sent[] = [];
  for (let index = 0; index < count; index += 1) sent.push(await send());
  await bench.past(sent.at(-1)!);
  await app.stop();
  return sent;
}

/** Starts the service and expects it to refuse: with this reason, unready, alarmed, and without another effect. */
async function expectRefusal(reason: RegExp): Promise<void> {
  const effects = await bench.effectsOf(account);
  const app = await bench.start([Handler]);
  await eventually(() => expect(app.shutdown.fatalReason).toMatch(reason), { within: '20s' });
  expect(app.shutdown.ready()).toMatch(/gatehouse offsets accept/);
  const { values } = await offsetLost.get();
  expect(values).toContainEqual({ labels: { consumer: SERVICE, topic: TOPIC, partition: 0 }, value: 1 });
  await app.stop();
  expect(await bench.effectsOf(account)).toEqual(effects);
}

test('messages that were deleted before they were handled end the service, which resets nothing', async () => {
  await handleAndStop(2);
  for (let index = 0; index < 4; index += 1) await send();
  await deleteBefore(4);
  await expectRefusal(/messages 2 to 3 were deleted before they were handled/);
  expect(await bench.committed()).toBe(2);
  await expectRefusal(/messages 2 to 3 were deleted/);
});

test('a stock consumer skips the deleted messages without a word (negative control)', async () => {
  await handleAndStop(2);
  const left = [await send(), await send(), await send(), await send()].slice(2);
  await deleteBefore(4);
  const consumer = bench.suite.kafka().consumer({ groupId: groupId() });
  const seen: number[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic: bench.prefixed(TOPIC), fromBeginning: true });
  await consumer.run({ eachMessage: ({ message }) => Promise.resolve(void seen.push(Number(message.offset))) });
  await eventually(() => expect(seen).toEqual(left.map(({ offset }) => offset)), { within: '20s' });
  await consumer.disconnect();
});

test('messages that are deleted in front of a running consumer end it before a later one is handled', async () => {
  const app = await bench.start([Handler]);
  away = true;
  for (let index = 0; index < 4; index += 1) await send();
  await deleteBefore(3);
  away = false;
  await eventually(() => expect(app.shutdown.fatalReason).toBeDefined(), { within: '30s' });
  expect(app.shutdown.fatalReason).toMatch(/reading went on at 3 instead of 0|messages 0 to 2 were deleted/);
  expect(await bench.effectsOf(account)).toEqual([]);
});

test('a committed offset that Kafka has lost ends the service', async () => {
  await handleAndStop(2);
  await eventually(() => bench.admin.deleteGroups([groupId()]).then(() => true), { within: '20s' });
  await expectRefusal(/the committed offset is lost, the database is at 2/);
});

test('a database that is behind the committed offset, as after a restore, ends the service', async () => {
  await handleAndStop(3);
  await bench.database.query('UPDATE consumer_position SET next_offset = 1');
  await expectRefusal(/offset 3 is committed, but the database has handled only what is before 1/);
  await bench.database.query('DELETE FROM consumer_position');
  await expectRefusal(/committed offset 3, but the database has handled nothing/);
});

test('a topic that ends before the position, as after it was made anew, ends the service', async () => {
  await handleAndStop(1);
  await bench.database.query('UPDATE consumer_position SET next_offset = 7');
  await expectRefusal(/the topic ends at 1, before the position 7/);
});

test('an operator decides where it goes on: nothing that still exists is skipped, nothing has a second effect', async () => {
  const handled = await handleAndStop(3);
  const waiting = [await send(), await send(), await send()];
  await deleteBefore(1);
  await eventually(() => bench.admin.deleteGroups([groupId()]).then(() => true), { within: '20s' });
  await expectRefusal(/lost/);
  const place = { topic: TOPIC, partition: 0, to: 1n };
  await acceptOffset(bench.database, operatorOutbox(bench.database, SERVICE), SERVICE, place);
  const app = await bench.start([Handler]);
  await bench.past(waiting.at(-1)!);
  expect(await bench.effectsOf(account)).toEqual([...handled, ...waiting].map(({ id }) => id));
  expect(app.shutdown.fatalReason).toBeUndefined();
  const [event] = await bench.database.query(`SELECT payload::json FROM outbox WHERE topic = 'token.operations'`);
  expect(event).toEqual({ payload: { topic: TOPIC, partition: 0, from: '3', to: '1' } });
});
