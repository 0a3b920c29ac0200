import { emailVerified } from '@gatehouse/contracts';
import { advisoryKey, uuidv7 } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { eventually } from '@gatehouse/testing';
import {
  addEffect,
  ConsumerBench,
  handlersOf,
  recordOf,
  SERVICE,
  TOPIC,
  verified,
} from '../consume/consumer.spec-support.ts';
import type { Overrides } from '../consume/consumer.spec-support.ts';
import { DependencyFailure } from '../consume/failures.ts';
import { operatorOutbox } from '../outbox/operator-outbox.ts';
import type { KafkaRecord, Message } from '../wire.ts';
import { consumeLock } from './consume-lock.ts';
import { DeadLetters } from './dead-letters.ts';
import { failureOf } from './parked-message.ts';
import { ParkedMessages } from './parked-messages.ts';
import { ReleasedKeys } from './released-keys.ts';

let bench: ConsumerBench;
let deadLetters: DeadLetters;
let offset = 0;
beforeAll(async () => {
  bench = await ConsumerBench.open('replay', {});
  deadLetters = new DeadLetters(bench.database, operatorOutbox(bench.database, SERVICE), SERVICE);
});
afterAll(() => bench.close());

const next = (account: string, overrides?: Overrides) =>
  recordOf(emailVerified, verified(account), offset++, overrides);

/** Handles released keys with `handle` for as long as `during` runs. */
async function draining<T>(handle: (message: Message, tx: Tx) => unknown, during: () => Promise<T>): Promise<T> {
  const parked = new ParkedMessages(bench.database, SERVICE);
  const released = new ReleasedKeys(SERVICE, bench.database, handlersOf(handle), parked);
  released.start();
  try {
    return await during();
  } finally {
    await released.stop();
  }
}
const unparked = (key: string) =>
  eventually(async () => expect(await bench.parkedOf(key)).toEqual([]), { within: '20s' });
const broken = () => {
  throw new TypeError('still broken');
};

/** Parks `count` messages of a new key, the first as failed, and returns them. */
async function park(count: number) {
  const account = uuidv7();
  const sent = Array.from({ length: count }, () => next(account));
  const parked = new ParkedMessages(bench.database, SERVICE);
  await bench.database.withTransaction(async (tx) => {
    const [first, ...others] = sent.map(({ record }) => record);
    await parked.park(tx, first!, failureOf(new TypeError('broken'), 5, new Date()));
    for (const record of others) await parked.join(tx, record);
  });
  return { account, ids: sent.map(({ id }) => id) };
}

test('a parked key waits until it is released, and then has its effects in order', async () => {
  const { account, ids } = await park(3);
  await draining(
    (message, tx) => addEffect(tx, message),
    async () => {
      const other = await park(1);
      await deadLetters.replay({ key: account });
      await unparked(account);
      expect(await bench.effectsOf(account)).toEqual(ids);
      expect(await bench.parkedOf(other.account)).toHaveLength(1);
    },
  );
});

test('messages that arrive while their key is drained come after everything parked, in order', async () => {
  const { account, ids } = await park(5);
  const arriving = Array.from({ length: 40 }, () => next(account));
  const slow = async (message: Message, tx: Tx) => {
    await tx.query('SELECT pg_sleep(0.02)');
    await addEffect(tx, message);
  };
  await draining(slow, async () => {
    await deadLetters.replay({ key: account });
    for (const { record } of arriving)
      await bench.handle(
        handlersOf((m, tx) => addEffect(tx, m)),
        [record],
      );
    await unparked(account);
  });
  expect(await bench.effectsOf(account)).toEqual([...ids, ...arriving.map(({ id }) => id)]);
});

/** Handles a new message of a key just when a drain has removed its last parked one, but has not committed. */
async function arriveAtTheEndOfADrain({ locking }: { locking: boolean }) {
  const { account, ids } = await park(1);
  const [head] = await bench.parkedOf(account);
  const newer = next(account);
  const { promise: newcomer, resolve: arrived } = Promise.withResolvers<void>();
  const lock = consumeLock(SERVICE, TOPIC, account);
  const drained = bench.database.change(locking ? [lock] : [], async (tx) => {
    await new ParkedMessages(bench.database, SERVICE).remove(tx, head!.id);
    // Only messages with a sequence take the lock of their key.
    const record = locking ? newer.record : withoutSequence(newer.record);
    const handled = bench
      .handle(
        handlersOf((message, own) => addEffect(own, message)),
        [record],
      )
      .then(arrived);
    await (locking ? eventually(() => somebodyWaitsFor(lock), { within: '10s' }) : handled);
    await addEffect(tx, { key: account, id: ids[0]! });
  });
  await Promise.all([drained, newcomer]);
  return { account, old: ids[0], newer: newer.id };
}

function withoutSequence(record: KafkaRecord): KafkaRecord {
  return { ...record, headers: { ...record.headers, ce_sequence: undefined } };
}

async function somebodyWaitsFor(lock: string): Promise<boolean> {
  const waiting = await bench.database.query(
    `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND (classid::bigint << 32) + objid::bigint = $1`,
    [advisoryKey(lock)],
  );
  return waiting.length > 0;
}

test('a message that arrives when the last parked one of its key is leaving comes right after it', async () => {
  const { account, old, newer } = await arriveAtTheEndOfADrain({ locking: true });
  expect(await bench.effectsOf(account)).toEqual([old, newer]);
  expect(await bench.parkedOf(account)).toEqual([]);
});

test('without the lock of the key, it joins a key that nobody drains any more, and waits for ever (negative control)', async () => {
  const { account, old } = await arriveAtTheEndOfADrain({ locking: false });
  expect(await bench.effectsOf(account)).toEqual([old]);
  expect(await bench.parkedOf(account)).toMatchObject([{ errorClass: 'KeyIsParked' }]);
});

test('a replay that fails parks the key again, counts the attempt, and keeps what is behind it in order', async () => {
  const { account, ids } = await park(3);
  const handle = (message: Message, tx: Tx) => (message.id === ids[1] ? broken() : addEffect(tx, message));
  await draining(handle, async () => {
    await deadLetters.replay({ key: account });
    await eventually(async () => expect(await bench.parkedOf(account)).toMatchObject([{ attempts: 1 }, { attempts: 0 }]), { within: '10s' }); // prettier-ignore
  });
  expect(await bench.effectsOf(account)).toEqual([ids[0]]);
  await draining(
    (message, tx) => addEffect(tx, message),
    async () => {
      await deadLetters.replay({ key: account });
      await unparked(account);
    },
  );
  expect(await bench.effectsOf(account)).toEqual(ids);
});

test('a dependency that is away during a replay leaves the key released, and others are drained meanwhile', async () => {
  const [waiting, sound] = [await park(2), await park(2)];
  let away = true;
  const handle = (message: Message, tx: Tx) => {
    if (away && message.key === waiting.account) throw new DependencyFailure('mail server');
    return addEffect(tx, message);
  };
  await draining(handle, async () => {
    await deadLetters.replay({ topic: TOPIC });
    await unparked(sound.account);
    expect(await bench.parkedOf(waiting.account)).toMatchObject([{ attempts: 5 }, { attempts: 0 }]);
    away = false;
    await unparked(waiting.account);
  });
  expect(await bench.effectsOf(waiting.account)).toEqual(waiting.ids);
});

test('two replicas that drain the same key have each effect once, in order', async () => {
  const { account, ids } = await park(6);
  const handle = (message: Message, tx: Tx) => addEffect(tx, message);
  await draining(handle, () =>
    draining(handle, async () => {
      await deadLetters.replay({ key: account });
      await unparked(account);
    }),
  );
  expect(await bench.effectsOf(account)).toEqual(ids);
});

test('a discarded message never has an effect, and what waited behind it can be replayed', async () => {
  const { account, ids } = await park(3);
  const [head] = await bench.parkedOf(account);
  await deadLetters.discard({ id: head!.id });
  await draining(
    (message, tx) => addEffect(tx, message),
    async () => {
      expect(await bench.parkedOf(account)).toHaveLength(2);
      await deadLetters.replay({ key: account });
      await unparked(account);
    },
  );
  expect(await bench.effectsOf(account)).toEqual(ids.slice(1));
});

test('an unreadable message that is replayed stays parked', async () => {
  const account = uuidv7();
  await bench.handle(handlersOf(broken), [next(account, { value: 'not json' }).record]);
  await draining(broken, async () => {
    await deadLetters.replay({ key: account });
    await eventually(async () => expect(await bench.parkedOf(account)).toMatchObject([{ attempts: 2 }]), {
      within: '10s',
    });
  });
  expect(await bench.parkedOf(account)).toMatchObject([{ errorClass: 'UnreadableMessage' }]);
});
