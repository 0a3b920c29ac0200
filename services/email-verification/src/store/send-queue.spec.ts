import { Secret } from '@gatehouse/config';
import { Database, migrate, uuidv7 } from '@gatehouse/database';
import { createSuite, type Suite } from '@gatehouse/testing';
import { operator } from '../operator.ts';
import { PostgresSendQueue } from './postgres-send-queue.ts';
import { PostgresVerifications } from './postgres-verifications.ts';
import type { DueMessage } from './send-queue.ts';

let suite: Suite;
let database: Database;
let queue: PostgresSendQueue;

beforeAll(async () => {
  suite = await createSuite('send-queue');
  const url = suite.databaseUrl('email-verification');
  await migrate(operator, 'up', { EMAIL_VERIFICATION_DATABASE_URL: url });
  const target = { url: new Secret(url), applicationName: 'spec', poolSize: 20 };
  database = new Database({ ...target, entities: [], constraints: {} });
  await database.open();
  queue = new PostgresSendQueue(database);
});
beforeEach(() => database.query('TRUNCATE verification_flow CASCADE'));
afterAll(async () => {
  await database.close();
  await suite.dispose();
});

async function add(email = 'ada@example.com', lifetimeSecondsMax = 3_600): Promise<string> {
  const flow = { id: uuidv7(), purpose: 'registration' as const, accountId: uuidv7(), addressId: uuidv7(), email };
  const id = uuidv7();
  await database.withTransaction(async (tx) => {
    await new PostgresVerifications(database).start(tx, { ...flow, locale: 'en', traceparent: null });
    await queue.add(tx, { id, flowId: flow.id, lifetimeSecondsMax, proofs: null, traceparent: '00-aa-bb-01' });
  });
  return id;
}

const takeOne = async (leaseMs = 60_000): Promise<DueMessage> => {
  const [message] = await queue.take(1, leaseMs);
  if (!message) throw new Error('nothing is due');
  return message;
};
const sent = (message: DueMessage) => database.withTransaction((tx) => queue.recordSent(tx, message, 60));
const failed = (message: DueMessage) => database.withTransaction((tx) => queue.recordFailed(tx, message, 550));
const fate = async (id: string) => (await queue.list({ limit: 50 })).find((message) => message.id === id);

test('of many replicas that take at once, each message goes to one', async () => {
  const ids = await Promise.all(Array.from({ length: 30 }, () => add()));
  const taken = await Promise.all(Array.from({ length: 10 }, () => queue.take(5, 60_000)));
  expect(taken.flat().map(({ id }) => id)).toHaveLength(30);
  expect(new Set(taken.flat().map(({ id }) => id))).toEqual(new Set(ids));
});

test('a message brings what sending it needs', async () => {
  const id = await add('grace@example.com');
  expect(await takeOne()).toMatchObject({
    id,
    email: 'grace@example.com',
    purpose: 'registration',
    locale: 'en',
    traceparent: '00-aa-bb-01',
    attempt: 1,
    failures: 0,
    expired: false,
  });
});

test('a message whose holder is silent is taken again after its lease, under another number', async () => {
  await add();
  const first = await takeOne(0);
  expect([first.attempt, (await takeOne()).attempt]).toEqual([1, 2]);
  expect(await queue.take(1, 0)).toEqual([]);
});

test('only the present holder may give a message up or put it off', async () => {
  const id = await add();
  const first = await takeOne(0);
  const second = await takeOne();
  expect(await failed(first)).toBe(false);
  await queue.postpone(first, { pauseMs: 0, reply: 450, countsAsFailure: true });
  expect(await queue.take(1, 0)).toEqual([]);
  expect(await failed(second)).toBe(true);
  expect(await fate(id)).toMatchObject({ state: 'failed', attempts: 2, lastReply: 550 });
});

test('that a mail was taken is recorded once, whoever holds the message by then', async () => {
  const id = await add();
  const first = await takeOne(0);
  const second = await takeOne();
  expect(await sent(first)).toBe(true);
  expect(await sent(second)).toBe(false);
  expect(await failed(second)).toBe(false);
  expect(await fate(id)).toMatchObject({ state: 'sent' });
  expect(await queue.take(1, 0)).toEqual([]);
});

test('only a refusal of the message itself counts as its failure', async () => {
  await add();
  await queue.postpone(await takeOne(), { pauseMs: 0, reply: null, countsAsFailure: false });
  await queue.postpone(await takeOne(), { pauseMs: 0, reply: 451, countsAsFailure: true });
  expect(await takeOne()).toMatchObject({ attempt: 3, failures: 1, lastReply: 451 });
});

test('a message that was put off is not due before its pause is over, and others go first', async () => {
  const poison = await add('poison@example.com');
  await queue.postpone(await takeOne(), { pauseMs: 60_000, reply: 450, countsAsFailure: true });
  const other = await add();
  expect((await queue.take(5, 60_000)).map(({ id }) => id)).toEqual([other]);
  expect((await fate(poison))?.nextAttemptAt.getTime()).toBeGreaterThan(Date.now() + 30_000);
});

test('credentials live from the moment the mail was taken, and never beyond the cap', async () => {
  const lifeSeconds = async (id: string) => {
    const [row] = await database.query<{ life: number }>(
      'SELECT extract(epoch FROM expires_at - now())::float8 AS life FROM message WHERE id = $1',
      [id],
    );
    return Math.round(row?.life ?? 0);
  };
  const [long, short] = [await add('a@example.com', 3_600), await add('b@example.com', 30)];
  expect([await lifeSeconds(long), await lifeSeconds(short)]).toEqual([3_600, 30]);
  for (const message of await queue.take(2, 60_000)) await sent(message);
  expect([await lifeSeconds(long), await lifeSeconds(short)]).toEqual([60, 30]);
});

test('a message whose credentials are dead is known as such when it is taken', async () => {
  await add('late@example.com', 0);
  expect(await takeOne()).toMatchObject({ expired: true });
});

test('the list pages through all messages, newest first, and filters by state', async () => {
  const ids = [];
  for (let n = 0; n < 5; n += 1) ids.push(await add());
  // Two of one millisecond are in no particular order.
  ids.sort();
  const [message] = await queue.take(1, 60_000);
  if (message) await sent(message);
  const pages = [await queue.list({ limit: 3 }), await queue.list({ limit: 3, before: ids[2] ?? '' })];
  expect(pages.map((page) => page.map(({ id }) => id))).toEqual([
    [ids[4], ids[3], ids[2]],
    [ids[1], ids[0]],
  ]);
  expect(await queue.list({ state: 'sent', limit: 5 })).toMatchObject([{ id: message?.id }]);
});

test('the backlog counts what waits and how long the first is overdue', async () => {
  expect(await queue.backlog()).toEqual({ queued: 0, overdueSeconds: 0 });
  const id = await add();
  await database.query("UPDATE message SET next_attempt_at = now() - interval '90 s' WHERE id = $1", [id]);
  const { queued, overdueSeconds } = await queue.backlog();
  expect([queued, Math.round(overdueSeconds)]).toEqual([1, 90]);
});

test('the migration can be taken back and run again', async () => {
  const env = { EMAIL_VERIFICATION_DATABASE_URL: suite.databaseUrl('email-verification') };
  expect((await migrate(operator, 'revert', env)).changed).toHaveLength(1);
  expect(await database.query("SELECT to_regclass('message') AS message")).toEqual([{ message: null }]);
  expect((await migrate(operator, 'up', env)).changed).toHaveLength(1);
});
