import { emailVerified } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import type { KafkaRecord } from '../wire.ts';
import { addEffect, ConsumerBench, handlersOf, recordOf, SERVICE, verified } from './consumer.spec-support.ts';
import { Inbox } from './inbox.ts';

let bench: ConsumerBench;
beforeAll(async () => void (bench = await ConsumerBench.open('exactly-once', {})));
afterAll(() => bench.close());

test('an event that its producer sent twice has one effect', async () => {
  const account = uuidv7();
  const data = verified(account);
  const first = recordOf(emailVerified, data, 10);
  const again = recordOf(emailVerified, data, 11, { id: first.id });
  await handleAll([first.record, again.record]);
  expect(await bench.effectsOf(account)).toEqual([first.id]);
});

test('a message that two instances hold at the same time, around a rebalance, has one effect', async () => {
  const account = uuidv7();
  const { id, record } = recordOf(emailVerified, verified(account), 20);
  await Promise.all([handleAll([record]), handleAll([record]), handleAll([record])]);
  expect(await bench.effectsOf(account)).toEqual([id]);
});

test('the position moves with the effect, and never back', async () => {
  const positionOf = async () => {
    const [row] = await bench.database.query<{ next: number }>(
      'SELECT next_offset::int AS next FROM consumer_position',
    );
    return row?.next;
  };
  await handleAll([recordOf(emailVerified, verified(uuidv7()), 41).record]);
  expect(await positionOf()).toBe(42);
  await handleAll([recordOf(emailVerified, verified(uuidv7()), 30).record]);
  expect(await positionOf()).toBe(42);
});

test('rows of the inbox are forgotten when Kafka cannot deliver their events any more, and not before', async () => {
  const [old, recent] = [uuidv7(), uuidv7()];
  await bench.database.query(
    `INSERT INTO inbox (consumer, event_id, handled_at)
     VALUES ($1, $2, now() - interval '29 days'), ($1, $3, now() - interval '27 days')`,
    [SERVICE, old, recent],
  );
  await new Inbox(bench.database, SERVICE).forgetOlderThan(28 * 86_400);
  const left = await bench.database.query('SELECT event_id FROM inbox WHERE event_id IN ($1, $2)', [old, recent]);
  expect(left).toEqual([{ event_id: recent }]);
});

function handleAll(records: readonly KafkaRecord[]): Promise<void> {
  return bench.handle(
    handlersOf((message, tx) => addEffect(tx, message)),
    records,
  );
}
