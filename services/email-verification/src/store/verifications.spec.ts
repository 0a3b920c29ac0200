import { Database, migrate, uuidv7, type Tx } from '@gatehouse/database';
import { Secret } from '@gatehouse/config';
import { createSuite, type Suite } from '@gatehouse/testing';
import { CredentialKey, type Proof } from '../domain/credentials.ts';
import { WRONG_CODES_MAX } from '../domain/verification-state.ts';
import { operator } from '../operator.ts';
import { PostgresSendQueue } from './postgres-send-queue.ts';
import { PostgresVerifications } from './postgres-verifications.ts';
import type { CodeAttempt, NewFlow, Verifications } from './verifications.ts';

let suite: Suite;
let database: Database;
let verifications: PostgresVerifications;
let queue: PostgresSendQueue;
const key = new CredentialKey(Buffer.alloc(32, 1));

beforeAll(async () => {
  suite = await createSuite('verifications-store');
  const url = suite.databaseUrl('email-verification');
  await migrate(operator, 'up', { EMAIL_VERIFICATION_DATABASE_URL: url });
  database = new Database({
    url: new Secret(url),
    applicationName: 'spec',
    entities: [],
    poolSize: 20,
    constraints: {},
  });
  await database.open();
  verifications = new PostgresVerifications(database);
  queue = new PostgresSendQueue(database);
});
afterAll(async () => {
  await database.close();
  await suite.dispose();
});

interface Begun {
  readonly flow: NewFlow;
  readonly messageIds: string[];
  readonly code: (message?: number) => Proof;
  readonly link: (message?: number) => Proof;
}

/** A registration with `messages` mails, the newest last. */
async function begin(messages = 1, lifetimeSecondsMax = 3_600): Promise<Begun> {
  const flow: NewFlow = {
    id: uuidv7(),
    purpose: 'registration',
    accountId: uuidv7(),
    addressId: uuidv7(),
    email: 'ada@example.com',
    locale: null,
    traceparent: null,
  };
  const messageIds = Array.from({ length: messages }, (_, n) => uuidv7(Date.now() + n));
  await database.withTransaction(async (tx) => {
    await verifications.start(tx, flow);
    for (const id of messageIds) {
      const { code, token } = key.derive(id);
      const proofs = { code: key.codeProof(flow.id, code), link: key.linkProof(flow.id, token) };
      await queue.add(tx, { id, flowId: flow.id, lifetimeSecondsMax, proofs, traceparent: null });
    }
  });
  const credentials = (message: number) => key.derive(messageIds.at(message) ?? '');
  return {
    flow,
    messageIds,
    code: (message = -1) => key.codeProof(flow.id, credentials(message).code),
    link: (message = -1) => key.linkProof(flow.id, credentials(message).token),
  };
}

const wrong = (flow: NewFlow) => key.codeProof(flow.id, '00000000');
const tryCode = (store: Pick<Verifications, 'confirmByCode'>, flow: NewFlow, proof: Proof) =>
  database.withTransaction((tx) => store.confirmByCode(tx, flow.id, proof));
const byLink = (flow: NewFlow, proof: Proof) =>
  database.withTransaction((tx) => verifications.confirmByLink(tx, flow.id, proof));

/** How many of `count` parallel wrong codes were compared with the right one. */
async function comparedAtOnce(store: Pick<Verifications, 'confirmByCode'>, count: number): Promise<number> {
  const { flow } = await begin();
  const attempts = await Promise.all(Array.from({ length: count }, () => tryCode(store, flow, wrong(flow))));
  return attempts.filter(({ result }) => result === 'wrong').length;
}

/** The obvious way, which is not good enough: look at the count, compare, then write the count. */
class CountAfterwards implements Pick<Verifications, 'confirmByCode'> {
  async confirmByCode(tx: Tx, flowId: string, _proof: Proof): Promise<CodeAttempt> {
    const flow = await verifications.find(flowId, tx);
    if (!flow || flow.wrongCodes >= WRONG_CODES_MAX) return { result: 'unchanged' };
    const wrongCodes = flow.wrongCodes + 1;
    await tx.query('UPDATE verification_flow SET wrong_codes = $2 WHERE id = $1', [flowId, wrongCodes]);
    return { result: 'wrong', wrongCodes };
  }
}

test('of a hundred wrong codes at once, five are compared and the rest are not even looked at', async () => {
  expect(await comparedAtOnce(verifications, 100)).toBe(WRONG_CODES_MAX);
});

test('control: counting in a second statement lets more than five through', async () => {
  expect(await comparedAtOnce(new CountAfterwards(), 100)).toBeGreaterThan(WRONG_CODES_MAX);
});

test('each of the five wrong codes is counted once, and a locked flow refuses the right code but not the link', async () => {
  const { flow, code, link } = await begin();
  const counts = [];
  for (let n = 0; n < WRONG_CODES_MAX; n += 1) counts.push(await tryCode(verifications, flow, wrong(flow)));
  expect(counts).toEqual([1, 2, 3, 4, 5].map((wrongCodes) => ({ result: 'wrong', wrongCodes })));
  expect(await tryCode(verifications, flow, code())).toEqual({ result: 'unchanged' });
  expect(await verifications.find(flow.id)).toMatchObject({ confirmed: false, wrongCodes: 5 });
  expect(await byLink(flow, link())).toBe(true);
});

test('of a hundred right codes at once exactly one confirms', async () => {
  const { flow, code } = await begin();
  const attempts = await Promise.all(Array.from({ length: 100 }, () => tryCode(verifications, flow, code())));
  expect(attempts.filter(({ result }) => result === 'confirmed')).toHaveLength(1);
  expect(await verifications.find(flow.id)).toMatchObject({ confirmed: true, wrongCodes: 0 });
});

test('of a code and a link at once one confirms', async () => {
  const { flow, code, link } = await begin();
  const [attempt, linked] = await Promise.all([tryCode(verifications, flow, code()), byLink(flow, link())]);
  expect([attempt.result === 'confirmed', linked].filter(Boolean)).toHaveLength(1);
});

test('the credentials of the last three mails are valid together, an older one is not', async () => {
  const validity = [];
  for (const message of [0, 1, 2, 3]) {
    const { flow, code } = await begin(4);
    validity.push((await tryCode(verifications, flow, code(message))).result);
  }
  expect(validity).toEqual(['wrong', 'confirmed', 'confirmed', 'confirmed']);
  const { flow, link } = await begin(4);
  expect([await byLink(flow, link(0)), await byLink(flow, link(1))]).toEqual([false, true]);
});

test('a credential of one flow does not confirm another', async () => {
  const [one, other] = [await begin(), await begin()];
  expect((await tryCode(verifications, other.flow, one.code())).result).toBe('wrong');
  expect(await byLink(other.flow, one.link())).toBe(false);
});

test('an expired flow compares nothing and counts nothing', async () => {
  const { flow, code, link } = await begin(1, 0);
  expect(await tryCode(verifications, flow, code())).toEqual({ result: 'unchanged' });
  expect(await tryCode(verifications, flow, wrong(flow))).toEqual({ result: 'unchanged' });
  expect(await byLink(flow, link())).toBe(false);
  expect(await verifications.find(flow.id)).toMatchObject({ confirmed: false, expired: true, wrongCodes: 0 });
});

test('a flow begins once, whatever a second command for it says', async () => {
  const { flow } = await begin();
  const again = database.withTransaction((tx) => verifications.start(tx, { ...flow, email: 'eve@example.com' }));
  expect(await again).toBe(false);
  expect(await database.query('SELECT email FROM verification_flow WHERE id = $1', [flow.id])).toEqual([
    { email: 'ada@example.com' },
  ]);
});

test('a resend has to wait for a pause that doubles, and a flow has six mails at most', async () => {
  const { flow } = await begin();
  const take = () => database.withTransaction((tx) => verifications.takeResend(tx, flow.id));
  const pauseSeconds = async () => {
    const [row] = await database.query<{ pause: number }>(
      'SELECT extract(epoch FROM next_resend_at - now())::float8 AS pause FROM verification_flow WHERE id = $1',
      [flow.id],
    );
    return Math.round(row?.pause ?? 0);
  };
  const pauses = [await pauseSeconds()];
  expect(await take()).toBe(false);
  for (let mail = 2; mail <= 6; mail += 1) {
    await database.query('UPDATE verification_flow SET next_resend_at = now() WHERE id = $1', [flow.id]);
    expect(await Promise.all([take(), take(), take()]).then((taken) => taken.filter(Boolean))).toHaveLength(1);
    pauses.push(await pauseSeconds());
  }
  expect(pauses).toEqual([30, 60, 120, 240, 480, 960]);
  await database.query('UPDATE verification_flow SET next_resend_at = now() WHERE id = $1', [flow.id]);
  expect(await take()).toBe(false);
});

test('no code and no link token is stored in any form that gives it away', async () => {
  const { messageIds } = await begin();
  const { code, token } = key.derive(messageIds[0] ?? '');
  const rows = await database.query<{ row: string }>(
    `SELECT row_to_json(c)::text || row_to_json(m)::text || row_to_json(f)::text AS row
     FROM challenge c JOIN message m ON m.id = c.message_id JOIN verification_flow f ON f.id = c.flow_id
     WHERE c.message_id = $1`,
    [messageIds[0]],
  );
  const hex = (text: string) => Buffer.from(text).toString('hex');
  expect(rows).toHaveLength(1);
  for (const secret of [code, token, hex(code), hex(token), Buffer.from(token, 'base64url').toString('hex')])
    expect(rows[0]?.row).not.toContain(secret);
});
