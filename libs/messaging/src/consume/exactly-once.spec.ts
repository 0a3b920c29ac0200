import { emailVerified } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { ParkedMessages } from '../park/parked-messages.ts';
import type { KafkaRecord } from '../wire.ts';
import { addEffect, ConsumerBench, handlersOf, recordOf, SERVICE, verified } from './consumer.spec-support.ts';
import { DependencyFailure } from './failures.ts';
import { Inbox } from './inbox.ts';
import type { Claim, Progress } from './inbox.ts';
import { RecordHandler } from './record-handler.ts';

let bench: ConsumerBench;
beforeAll(async () => void (bench = await ConsumerBench.open('exactly-once', {})));
afterAll(() => bench.close());

/** The process dies here; what is not committed is gone, and the message comes again. */
class Killed extends DependencyFailure {}

/** Handles `record` with `inbox`, dying once at `killAt`, and again until it is through; returns its effects. */
async function effectsAfter(inbox: Inbox, killAt: 'before-commit' | 'after-commit'): Promise<string[]> {
  const account = uuidv7();
  const { record } = recordOf(emailVerified, verified(account), 0);
  let alive = false;
  const handlers = handlersOf(async (message, tx) => {
    await addEffect(tx, message);
    if (killAt === 'before-commit' && !alive) throw new Killed();
  });
  const records = new RecordHandler(
    SERVICE,
    bench.database,
    handlers,
    inbox,
    new ParkedMessages(bench.database, SERVICE),
  );
  const settled = () => {
    if (killAt === 'after-commit' && !alive) throw new Killed();
  };
  await expect(records.handle([record], { stopped: () => false, settled })).rejects.toBeInstanceOf(Killed);
  alive = true;
  await records.handle([record], { stopped: () => false, settled });
  return bench.effectsOf(account);
}

test.each(['before-commit', 'after-commit'] as const)(
  'a message whose consumer dies %s has one effect',
  async (killAt) => {
    expect(await effectsAfter(new Inbox(bench.database, SERVICE), killAt)).toHaveLength(1);
  },
);

test('an inbox row written before the effect, in a transaction of its own, loses the effect (negative control)', async () => {
  class InboxBefore extends Inbox {
    override claim(_: Tx, ...rest: [Progress, string[], string[]]): Promise<Claim> {
      return bench.database.withTransaction((own) => super.claim(own, ...rest));
    }
  }
  expect(await effectsAfter(new InboxBefore(bench.database, SERVICE), 'before-commit')).toHaveLength(0);
});

test('an inbox row written after the effect, in a transaction of its own, doubles the effect (negative control)', async () => {
  class InboxAfter extends Inbox {
    override async claim(tx: Tx, _: Progress, ids: string[]): Promise<Claim> {
      const known = await tx.query('SELECT FROM inbox WHERE event_id = ANY ($1)', [ids]);
      // The process dies before it gets here.
      return { first: new Set(known.length > 0 ? [] : ids), blocked: new Set() };
    }
  }
  expect(await effectsAfter(new InboxAfter(bench.database, SERVICE), 'after-commit')).toHaveLength(2);
});

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
