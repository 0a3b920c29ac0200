import { Controller } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { emailVerified } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { eventually, FaultProxy } from '@gatehouse/testing';
import type { Message } from '../wire.ts';
import { addEffect, ConsumerBench, databaseOf, SERVICE, TOPIC, verified } from './consumer.spec-support.ts';
import type { Sent } from './consumer.spec-support.ts';
import { failuresTotal } from './consumer-metrics.ts';
import { DependencyFailure } from './failures.ts';
import { Consumes } from './handler-declaration.ts';

let bench: ConsumerBench;
beforeAll(async () => void (bench = await ConsumerBench.open('group-consumer', { [TOPIC]: 3, scout: 3 })));
afterEach(() => bench.stopAll());
afterAll(() => bench.close());

/** A controller of the service whose handler is `handle`. */
function controllerOf(handle: (message: Message<typeof emailVerified>, tx: Tx) => unknown): Type {
  @Controller()
  class Handler {
    @Consumes(emailVerified)
    handle(message: Message<typeof emailVerified>, tx: Tx): unknown {
      return handle(message, tx);
    }
  }
  return Handler;
}
const send = (account: string) => bench.send(emailVerified, verified(account));
const haveEffects = (account: string, sent: readonly Sent[], within: '10s' | '30s' = '10s') =>
  eventually(async () => expect(await bench.effectsOf(account)).toEqual(sent.map(({ id }) => id)), { within });

/** An account whose messages go to `partition`. */
async function accountIn(partition: number): Promise<{ account: string; sent: Sent }> {
  for (;;) {
    const account = uuidv7();
    const [written] = await bench.producer.send({
      topic: bench.prefixed('scout'),
      messages: [{ key: account, value: '' }],
    });
    if (written?.partition === partition) return { account, sent: await send(account) };
  }
}

test('messages of several partitions have their effects in the order of their keys, and their offsets are committed', async () => {
  const accounts = Array.from({ length: 4 }, () => uuidv7());
  const app = await bench.start([controllerOf((message, tx) => addEffect(tx, message))]);
  const sent = new Map<string, Sent[]>(accounts.map((account) => [account, []]));
  for (let round = 0; round < 5; round += 1) {
    for (const account of accounts) sent.get(account)!.push(await send(account));
  }
  for (const account of accounts) await haveEffects(account, sent.get(account)!);
  await eventually(async () => expect(await lagOf()).toBe(0), { within: '10s' });
  await app.stop();
});

test('a partition whose dependency is away waits, its message is not parked, and other partitions go on', async () => {
  let away = true;
  const waiting = await accountIn(0);
  const app = await bench.start([
    controllerOf((message, tx) => {
      if (away && message.partition === 0) throw new DependencyFailure('mail server');
      return addEffect(tx, message);
    }),
  ]);
  const going = await accountIn(1);
  await haveEffects(going.account, [going.sent]);
  const later = await send(going.account);
  await haveEffects(going.account, [going.sent, later]);
  expect(await bench.effectsOf(waiting.account)).toEqual([]);
  expect(await bench.parkedOf(waiting.account)).toEqual([]);
  away = false;
  await haveEffects(waiting.account, [waiting.sent]);
  await app.stop();
});

test('a database that is away for longer than a message may fail parks nothing and loses nothing', async () => {
  const url = new URL(bench.suite.databaseUrl(SERVICE));
  const proxy = await FaultProxy.start({ port: Number(url.port) });
  const database = databaseOf(bench.suite, Object.assign(url, { port: String(proxy.port) }).href);
  await database.open();
  const app = await bench.start([controllerOf((message, tx) => addEffect(tx, message))], { database });
  const account = uuidv7();
  proxy.cut();
  const sent = [await send(account), await send(account)];
  const failuresBefore = await failuresOf('dependency');
  await eventually(async () => expect(await failuresOf('dependency')).toBeGreaterThan(failuresBefore + 3), {
    within: '30s',
  });
  expect(await bench.effectsOf(account)).toEqual([]);
  proxy.restore();
  await haveEffects(account, sent, '30s');
  expect(await bench.parkedOf(account)).toEqual([]);
  await app.stop();
  await database.close();
  await proxy.stop();
});

test('a stop in the middle of a batch ends the message in work, commits it, and leaves the rest for the next start', async () => {
  const account = uuidv7();
  const { promise: working, resolve: begun } = Promise.withResolvers<void>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const sent = [await send(account), await send(account), await send(account)];
  const app = await bench.start([
    controllerOf(async (message, tx) => {
      begun();
      await released;
      await addEffect(tx, message);
    }),
  ]);
  await working;
  const stopped = app.stop();
  release();
  await stopped;
  const before = await bench.effectsOf(account);
  expect(before.length).toBeLessThan(sent.length);
  expect(before).toEqual(sent.slice(0, before.length).map(({ id }) => id));
  const next = await bench.start([controllerOf((message, tx) => addEffect(tx, message))]);
  await haveEffects(account, sent);
  await next.stop();
});

async function failuresOf(kind: string): Promise<number> {
  const { values } = await failuresTotal.get();
  return values.filter(({ labels }) => labels.kind === kind).reduce((sum, { value }) => sum + value, 0);
}

async function lagOf(): Promise<number> {
  const ends = await bench.admin.fetchTopicOffsets(bench.prefixed(TOPIC));
  let lag = 0;
  for (const { partition, high } of ends) lag += Number(high) - ((await bench.committed(TOPIC, partition)) ?? 0);
  return lag;
}
