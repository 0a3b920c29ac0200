import { emailVerified } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
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
import { Inbox } from '../consume/inbox.ts';
import type { Claim, Progress } from '../consume/inbox.ts';
import { eventually } from '@gatehouse/testing';
import { OutboxSource } from '../relay/outbox-source.ts';
import type { Message } from '../wire.ts';

let bench: ConsumerBench;
let offset = 0;
beforeAll(async () => void (bench = await ConsumerBench.open('parking', {})));
afterAll(() => bench.close());

const next = (account: string, overrides?: Overrides) =>
  recordOf(emailVerified, verified(account), offset++, overrides);
const handlers = handlersOf((message, tx) => addEffect(tx, message));
/** Fails at the messages with these ids, for a reason of their own. */
const failingAt = (...ids: string[]) =>
  handlersOf((message: Message, tx: Tx) => {
    if (ids.includes(message.id)) throw new TypeError('this message is more than the handler can take');
    return addEffect(tx, message);
  });

test('a message that fails is parked within two seconds, later ones of its key join it, other keys go on', async () => {
  const [broken, sound] = [uuidv7(), uuidv7()];
  const first = next(broken);
  const others = [next(sound), next(broken), next(sound), next(broken)];
  const started = performance.now();
  await bench.handle(
    failingAt(first.id),
    [first, ...others].map(({ record }) => record),
  );
  expect(performance.now() - started).toBeLessThan(3_000);
  expect(await bench.effectsOf(sound)).toEqual([others[0]?.id, others[2]?.id]);
  expect(await bench.effectsOf(broken)).toEqual([]);
  expect(await bench.parkedOf(broken)).toMatchObject([
    { offset: Number(first.record.offset), errorClass: 'TypeError', attempts: 5 },
    { offset: Number(others[1]?.record.offset), errorClass: 'KeyIsParked', attempts: 0 },
    { offset: Number(others[3]?.record.offset), errorClass: 'KeyIsParked', attempts: 0 },
  ]);
});

test('without the look at parked keys, a later message overtakes the failed one (negative control)', async () => {
  class Unblocking extends Inbox {
    override async claim(...args: [Tx, Progress, string[], string[]]): Promise<Claim> {
      return { ...(await super.claim(...args)), blocked: new Set() };
    }
  }
  const account = uuidv7();
  const [first, second] = [next(account), next(account)];
  const inbox = new Unblocking(bench.database, SERVICE);
  await bench.handle(failingAt(first.id), [first.record, second.record], inbox);
  expect(await bench.effectsOf(account)).toEqual([second.id]);
});

test('a failure that goes away in place parks nothing', async () => {
  const account = uuidv7();
  const { id, record } = next(account);
  let attempts = 0;
  const recovering = handlersOf((message, tx) => {
    attempts += 1;
    if (attempts < 3) throw new Error('not yet');
    return addEffect(tx, message);
  });
  await bench.handle(recovering, [record]);
  expect(await bench.effectsOf(account)).toEqual([id]);
  expect(await bench.parkedOf(account)).toEqual([]);
});

test('a dependency that is away is thrown on, and never parks', async () => {
  const account = uuidv7();
  const { record } = next(account);
  for (const failure of [new DependencyFailure('mail server'), Object.assign(new Error(), { code: 'ECONNREFUSED' })]) {
    const away = handlersOf(() => {
      throw failure;
    });
    await expect(bench.handle(away, [record])).rejects.toBeDefined();
  }
  expect(await bench.parkedOf(account)).toEqual([]);
});

const invalidUtf8 = Buffer.from([0xff, 0xfe, 0x00, 0x80]);
const poison: [string, Overrides][] = [
  ['is not JSON', { value: '{"flow_id":' }],
  ['is not UTF-8', { value: invalidUtf8 }],
  ['does not fit its schema', { value: '{"flow_id":"1"}' }],
  ['is no CloudEvent', { headers: { ce_specversion: '0.3' } }],
  ['has a time that is none', { headers: { ce_time: 'yesterday' } }],
  [
    'is of a version that this build does not know',
    { headers: { ce_dataschema: 'urn:gatehouse:event:email.verified:9' } },
  ],
];

test.each(poison)('a message that %s parks its key at once', async (_, overrides) => {
  const account = uuidv7();
  const [broken, later] = [next(account, overrides), next(account)];
  await bench.handle(handlers, [broken.record, later.record]);
  expect(await bench.effectsOf(account)).toEqual([]);
  expect(await bench.parkedOf(account)).toMatchObject([
    { errorClass: 'UnreadableMessage', attempts: 1 },
    { errorClass: 'KeyIsParked' },
  ]);
});

const hostile: [string, Overrides][] = [
  ['a key with a NUL', { key: `a\0${'b'.repeat(8)}` }],
  ['a key that is no text', { key: invalidUtf8 }],
  ['a key of 5,000 characters', { key: 'k'.repeat(5_000) }],
  ['no key at all', { key: null, headers: { ce_subject: '' } }],
  ['an id with a NUL', { id: `\0${uuidv7()}` }],
  ['an id of 5,000 characters', { id: 'i'.repeat(5_000) }],
];

test.each(hostile)(
  'a message with %s cannot stop its partition, and does not make others wait',
  async (_, overrides) => {
    const account = uuidv7();
    const [strange, sound] = [next(uuidv7(), { value: 'not json', ...overrides }), next(account)];
    await bench.handle(handlers, [strange.record, sound.record]);
    expect(await bench.effectsOf(account)).toEqual([sound.id]);
    const parked = await bench.database.query('SELECT FROM parked_message WHERE "offset" = $1', [
      strange.record.offset,
    ]);
    expect(parked).toHaveLength(1);
  },
);

test('a tombstone and an event that the service does not consume are passed over', async () => {
  const account = uuidv7();
  const unknown = next(account, {
    headers: { ce_type: 'email.admired', ce_dataschema: 'urn:gatehouse:event:email.admired:1' },
  });
  const [tombstone, sound] = [next(account, { value: null }), next(account)];
  await bench.handle(handlers, [unknown.record, tombstone.record, sound.record]);
  expect(await bench.effectsOf(account)).toEqual([sound.id]);
  expect(await bench.parkedOf(account)).toEqual([]);
});

test('a message that is delivered again after it was parked stays parked once', async () => {
  const account = uuidv7();
  const { id, record } = next(account);
  await bench.handle(failingAt(id), [record]);
  await bench.handle(handlers, [record]);
  expect(await bench.parkedOf(account)).toHaveLength(1);
  expect(await bench.effectsOf(account)).toEqual([]);
});

test('the dead-letter topic gets the original bytes, headers and key, with the place and the failure', async () => {
  const account = uuidv7();
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const { record } = next(account, { value: invalidUtf8, headers: { traceparent } });
  await bench.handle(handlers, [record]);
  const copy = await eventually(async () => (await deadLetterOf(record.offset)) ?? false, { within: '10s' });
  expect(copy).toMatchObject({ topic: `${SERVICE}.dead-letters`, key: account, value: invalidUtf8 });
  expect(copy?.headers).toMatchObject({
    ...record.headers,
    traceparent,
    'gatehouse-dead-letter-topic': TOPIC,
    'gatehouse-dead-letter-partition': '0',
    'gatehouse-dead-letter-offset': record.offset,
    'gatehouse-dead-letter-error-class': 'UnreadableMessage',
    'gatehouse-dead-letter-error-message': 'the value is not JSON in UTF-8',
    'gatehouse-dead-letter-attempts': '1',
  });
  expect(copy.headers['gatehouse-dead-letter-first-seen']).toMatch(/^\d{4}-.*Z$/);
});

test('a message that only waits is no dead letter, and one that is too large to copy is named without its value', async () => {
  const account = uuidv7();
  const [huge, waiting] = [next(account, { value: Buffer.alloc(300 * 1_024, 0xff) }), next(account)];
  await bench.handle(handlers, [huge.record, waiting.record]);
  const copy = await eventually(async () => (await deadLetterOf(huge.record.offset)) ?? false, { within: '10s' });
  expect(copy).toMatchObject({ value: '', headers: { 'gatehouse-dead-letter-omitted-bytes': String(300 * 1_024) } });
  expect(await deadLetterOf(waiting.record.offset)).toBeUndefined();
});

/** The copy of the message at `offset` as the relay sends it, once no older transaction of the cluster is running. */
async function deadLetterOf(offset: string) {
  const source = new OutboxSource(bench.database, 1_000);
  const connection = await bench.database.connect('spec');
  await source.open(connection);
  const { records } = await source.read(connection, 1_000);
  await connection.end();
  return records.find(({ headers }) => headers['gatehouse-dead-letter-offset'] === offset);
}
