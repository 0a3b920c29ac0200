import { Controller } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { tokenRevoked } from '@gatehouse/contracts';
import type { DataOf } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import { eventually } from '@gatehouse/testing';
import { ConsumerBench } from '../consume/consumer.spec-support.ts';
import { Follows, FollowsDeletion } from '../consume/handler-declaration.ts';
import { faultyKafka } from '../faulty-kafka.spec-support.ts';
import type { Message } from '../wire.ts';

const REVOCATIONS = 'token.revocations';

let bench: ConsumerBench;
beforeAll(async () => void (bench = await ConsumerBench.open('follower', { [REVOCATIONS]: 3 })));
afterEach(() => bench.stopAll());
afterAll(() => bench.close());

/** One instance's memory of what is revoked, and the controller that fills it. */
function instance(apply: (id: string) => void = () => undefined): { revoked: Set<string>; controller: Type } {
  const revoked = new Set<string>();
  @Controller()
  class Revocations {
    @Follows(tokenRevoked)
    apply({ data, key }: Message<typeof tokenRevoked>): void {
      apply(data.id);
      revoked.add(key);
    }

    @FollowsDeletion(tokenRevoked)
    forget(key: string): void {
      revoked.delete(key);
    }
  }
  return { revoked, controller: Revocations };
}

function revocation(): DataOf<typeof tokenRevoked> {
  const now = new Date().toISOString();
  const ids = { id: uuidv7(), client_id: 'demo', account_id: null };
  return { scope: 'grant', ...ids, reason: 'requested', revoked_at: now, expires_at: now };
}

async function revoke(): Promise<string> {
  const data = revocation();
  await bench.send(tokenRevoked, data);
  return tokenRevoked.key(data);
}

test('an instance is ready only when it knows everything that was there at its start, and goes on from there', async () => {
  const before = [await revoke(), await revoke(), await revoke(), await revoke()];
  const { revoked, controller } = instance();
  await bench.start([controller]);
  expect([...revoked]).toEqual(expect.arrayContaining(before));
  const later = await revoke();
  await eventually(() => revoked.has(later), { within: '10s' });
});

test('every instance reads everything, and none commits anything', async () => {
  const [first, second] = [instance(), instance()];
  await bench.start([first.controller]);
  await bench.start([second.controller]);
  const key = await revoke();
  await eventually(() => first.revoked.has(key) && second.revoked.has(key), { within: '10s' });
  expect(first.revoked).toEqual(second.revoked);
  const { groups } = await bench.admin.listGroups();
  const followers = groups
    .map(({ groupId }) => groupId)
    .filter((group) => group.includes(`${bench.suite.name}.token.follow.`));
  expect(new Set(followers).size).toBeGreaterThanOrEqual(2);
  for (const groupId of followers) {
    const [offsets] = await bench.admin.fetchOffsets({ groupId, topics: [bench.prefixed(REVOCATIONS)] });
    expect(offsets?.partitions.map(({ offset }) => offset)).toEqual(['-1', '-1', '-1']);
  }
});

test('a tombstone makes an instance forget the key, and one that starts later never learns it', async () => {
  const { revoked, controller } = instance();
  await bench.start([controller]);
  const key = await revoke();
  await eventually(() => revoked.has(key), { within: '10s' });
  await bench.write(REVOCATIONS, { key, value: null });
  await eventually(() => !revoked.has(key), { within: '10s' });
  const late = instance();
  await bench.start([late.controller]);
  expect(late.revoked.has(key)).toBe(false);
});

test('a message that nobody can read does not keep an instance from the others', async () => {
  await bench.write(REVOCATIONS, { key: 'grant:poison', value: 'not json' });
  const { revoked, controller } = instance();
  await bench.start([controller]);
  const key = await revoke();
  await eventually(() => revoked.has(key), { within: '10s' });
});

test('an instance that cannot apply a message is not ready, and tries until it can', async () => {
  await revoke();
  let [broken, attempts] = [true, 0];
  const { revoked, controller } = instance(() => {
    attempts += 1;
    if (broken) throw new Error('out of memory');
  });
  const app = await bench.start([controller], { untilReady: false });
  const reasons = () => app.health.readiness().failing.map(({ reason }) => reason);
  await eventually(() => expect(attempts).toBeGreaterThan(1), { within: '20s' });
  expect(reasons()).toEqual(['has not caught up yet']);
  broken = false;
  await eventually(() => expect(reasons()).toEqual([]), { within: '20s' });
  expect(revoked.size).toBeGreaterThan(0);
});

test('an instance that Kafka does not answer any more stops being ready, and is ready again when it does', async () => {
  const { proxy, options } = await faultyKafka(bench.connection().settings);
  const { revoked, controller } = instance();
  const app = await bench.start([controller], options);
  const reasons = () =>
    app.health
      .readiness()
      .failing.map(({ reason }) => reason)
      .join();
  proxy.halfOpen();
  await eventually(() => expect(reasons()).toMatch(/Kafka has not answered for \d+ s/), { within: '30s' });
  const missed = await revoke();
  proxy.restore();
  await eventually(() => expect(app.health.readiness().ready).toBe(true), { within: '60s' });
  await eventually(() => revoked.has(missed), { within: '10s' });
  expect(app.shutdown.fatalReason).toBeUndefined();
  await app.stop();
  await proxy.stop();
});
