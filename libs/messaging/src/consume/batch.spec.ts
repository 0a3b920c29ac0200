import { emailVerified } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import type { RawMessage } from '../wire.ts';
import { addEffect, ConsumerBench, handlersOf, recordOf, verified } from './consumer.spec-support.ts';
import type { Overrides } from './consumer.spec-support.ts';
import { DependencyFailure } from './failures.ts';

let bench: ConsumerBench;
let offset = 0;
beforeAll(async () => void (bench = await ConsumerBench.open('batch', {})));
afterAll(() => bench.close());

const next = (account: string, overrides?: Overrides) =>
  recordOf(emailVerified, verified(account), offset++, overrides);
/** A batch handler that fails at the messages with these ids, and what it was called with. */
function batches(...failing: string[]) {
  const calls: RawMessage[][] = [];
  const handlers = handlersOf(
    () => undefined,
    async (messages, tx: Tx) => {
      calls.push([...messages]);
      for (const message of messages) await addEffect(tx, message);
      if (messages.some(({ id }) => failing.includes(id))) throw new TypeError('one of these is more than I can take');
    },
  );
  return { calls, handlers };
}

test('a batch is one call and one transaction, in order', async () => {
  const account = uuidv7();
  const sent = [next(account), next(uuidv7()), next(account)];
  const { calls, handlers } = batches();
  await bench.handle(
    handlers,
    sent.map(({ record }) => record),
  );
  expect(calls.map((messages) => messages.map(({ id }) => id))).toEqual([sent.map(({ id }) => id)]);
  const [transactions] = await bench.database.query(
    'SELECT count(DISTINCT xmin::text)::int AS count FROM effect WHERE what = ANY ($1)',
    [sent.map(({ id }) => id)],
  );
  expect(transactions).toEqual({ count: 1 });
});

test('a batch that fails leaves nothing, and goes message by message: only the failing key is parked', async () => {
  const [broken, sound] = [uuidv7(), uuidv7()];
  const sent = [next(sound), next(broken), next(sound), next(broken)];
  const { calls, handlers } = batches(sent[1]!.id);
  await bench.handle(
    handlers,
    sent.map(({ record }) => record),
  );
  expect(calls[0]).toHaveLength(4);
  expect(calls.slice(1).every((messages) => messages.length === 1)).toBe(true);
  expect(await bench.effectsOf(sound)).toEqual([sent[0]!.id, sent[2]!.id]);
  expect(await bench.effectsOf(broken)).toEqual([]);
  expect(await bench.parkedOf(broken)).toMatchObject([{ errorClass: 'TypeError' }, { errorClass: 'KeyIsParked' }]);
});

test('a batch whose dependency is away is thrown on as a whole, and parks nothing', async () => {
  const account = uuidv7();
  const away = handlersOf(
    () => undefined,
    () => Promise.reject(new DependencyFailure('away')),
  );
  await expect(bench.handle(away, [next(account).record])).rejects.toBeInstanceOf(DependencyFailure);
  expect(await bench.parkedOf(account)).toEqual([]);
});

test('a batch leaves out what was handled before, what is there twice, tombstones and blocked keys', async () => {
  const [account, broken] = [uuidv7(), uuidv7()];
  const known = next(account);
  await bench.handle(batches().handlers, [known.record]);
  const poison = next(broken, { value: 'not json' });
  await bench.handle(batches().handlers, [poison.record]);
  const [fresh, blocked, tombstone] = [next(account), next(broken), next(account, { value: null })];
  const twice = next(account, { id: fresh.id });
  const { calls, handlers } = batches();
  await bench.handle(
    handlers,
    [known, fresh, blocked, tombstone, twice].map(({ record }) => record),
  );
  expect(calls.flat().map(({ id }) => id)).toEqual([fresh.id]);
  expect(await bench.parkedOf(broken)).toHaveLength(2);
});

test('a batch handler gets what this build does not know, and fields that a newer producer added', async () => {
  const unknown = next(uuidv7(), {
    headers: { ce_type: 'email.admired', ce_dataschema: 'urn:gatehouse:event:email.admired:3' },
    value: '{"likes":3}',
  });
  const account = uuidv7();
  const newer = next(account, { value: JSON.stringify({ ...verified(account), mood: 'good' }) });
  const { calls, handlers } = batches();
  await bench.handle(handlers, [unknown.record, newer.record]);
  expect(calls).toMatchObject([
    [{ type: 'email.admired', version: 3, data: { likes: 3 } }, { data: { mood: 'good' } }],
  ]);
});

test('many messages are several transactions, so that none is long', async () => {
  const sent = Array.from({ length: 450 }, () => next(uuidv7()));
  const { calls, handlers } = batches();
  await bench.handle(
    handlers,
    sent.map(({ record }) => record),
  );
  expect(calls.map((messages) => messages.length)).toEqual([200, 200, 50]);
});
