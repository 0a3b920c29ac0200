import { emailVerified, emailVerifications } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import { encodeHeaders } from '@gatehouse/messaging';
import { eventually } from '@gatehouse/testing';
import type { Producer } from 'kafkajs';
import { TokenHarness } from '../token.spec-support.ts';

let token: TokenHarness;
let producer: Producer;
beforeAll(async () => {
  token = await TokenHarness.start('on-email-verified');
  producer = token.suite.kafka('email-verification').producer();
  await producer.connect();
}, 60_000);
afterAll(async () => {
  await producer.disconnect();
  await token.stop();
});

interface Flow {
  readonly flow_id: string;
  readonly account_id: string;
  readonly address_id: string;
  readonly email: string;
}

async function register(password: string, email = `ada-${uuidv7()}@example.com`): Promise<Flow> {
  await token.postJson('/api/v1/accounts', { email, password });
  const flows = (await token.events({ type: 'email-flow.requested' })).map(({ data }) => data as unknown as Flow);
  const flow = flows.findLast((one) => one.email === email);
  if (!flow) throw new Error('no flow');
  return flow;
}

/** What the mail service publishes when a person confirms; `id` is the event's, for sending the same one twice. */
async function publishVerified({ flow_id, account_id, address_id }: Flow, id = uuidv7()): Promise<void> {
  const context = { actor_kind: 'anonymous', actor_id: null, request_id: null, ip: null, user_agent: null } as const;
  const service = 'email-verification';
  const headers = encodeHeaders({ id, event: emailVerified, service, key: account_id, context, trace: {} });
  const value = JSON.stringify({ flow_id, account_id, address_id, method: 'link' });
  await producer.send({
    topic: token.suite.topicPrefix + emailVerifications.name,
    messages: [{ key: account_id, value, headers: { ...headers, ce_time: new Date().toISOString() } }],
  });
}

async function verifiedEvents(accountId: string) {
  return token.events({ type: 'account.verified', key: accountId });
}

/** Waits until the consumer has handled everything that was sent for this key so far. */
async function settled(accountId: string): Promise<void> {
  const probe = await register('probe password');
  await publishVerified({ ...probe, account_id: accountId, flow_id: probe.flow_id, address_id: uuidv7() });
  await publishVerified(probe);
  await eventually(async () => expect(await verifiedEvents(probe.account_id)).toHaveLength(1), { within: '15s' });
}

async function passwordHashOf(accountId: string): Promise<string | null> {
  const [row] = await token.sql<{ password_hash: string | null }>('SELECT password_hash FROM account WHERE id = $1', [
    accountId,
  ]);
  return row?.password_hash ?? null;
}

test('a proven address verifies its account, once, however often the event comes', async () => {
  const flow = await register('the password');
  const id = uuidv7();
  await publishVerified(flow, id);
  await publishVerified(flow, id);
  await publishVerified(flow);
  await eventually(async () => expect(await verifiedEvents(flow.account_id)).toHaveLength(1), { within: '15s' });
  await settled(flow.account_id);
  expect((await verifiedEvents(flow.account_id)).map(({ data }) => data)).toEqual([
    { account_id: flow.account_id, address_id: flow.address_id, flow_id: flow.flow_id },
  ]);
});

test('the password of the proven registration is put in force, not that of a stranger who registered the same address', async () => {
  const stranger = await register('password of the stranger');
  const owner = await register('password of the owner', stranger.email);
  await register('password of the stranger again', stranger.email);
  expect(owner.account_id).toBe(stranger.account_id);
  const hashes = await token.sql<{ flow_id: string; password_hash: string }>(
    'SELECT flow_id, password_hash FROM registration WHERE account_id = $1',
    [owner.account_id],
  );
  await publishVerified(owner);
  await eventually(async () => expect(await verifiedEvents(owner.account_id)).toHaveLength(1), { within: '15s' });
  expect(await passwordHashOf(owner.account_id)).toBe(
    hashes.find(({ flow_id }) => flow_id === owner.flow_id)?.password_hash,
  );

  // The stranger's own mails, confirmed later, change nothing.
  await publishVerified(stranger);
  await settled(owner.account_id);
  expect(await verifiedEvents(owner.account_id)).toHaveLength(1);
  expect(await token.sql('SELECT 1 FROM registration WHERE account_id = $1', [owner.account_id])).toEqual([]);
});

test.each([
  ['another address', (flow: Flow) => ({ ...flow, address_id: uuidv7() })],
  ['an unknown flow', (flow: Flow) => ({ ...flow, flow_id: uuidv7() })],
  ['an unknown account', (flow: Flow) => ({ ...flow, account_id: uuidv7() })],
])('the proof of %s changes nothing and parks nothing', async (_, change) => {
  const flow = await register('the password');
  await publishVerified(change(flow));
  await settled(flow.account_id);
  expect(await verifiedEvents(flow.account_id)).toEqual([]);
  expect(await passwordHashOf(flow.account_id)).toBeNull();
  expect(await token.sql('SELECT 1 FROM parked_message')).toEqual([]);
});
