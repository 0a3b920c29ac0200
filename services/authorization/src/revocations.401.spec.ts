import { randomUUID } from 'node:crypto';
import { tokenRevocations, tokenRevoked } from '@gatehouse/contracts';
import type { DataOf } from '@gatehouse/contracts';
import { startService } from '@gatehouse/http';
import { encodeHeaders } from '@gatehouse/messaging';
import { eventually } from '@gatehouse/testing';
import type { Producer } from 'kafkajs';
import { admin, AuthorizationUnderTest, client } from './authorization.spec-support.ts';
import { authorizationService } from './service.ts';

let authorization: AuthorizationUnderTest;
let producer: Producer;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-revocations');
  producer = authorization.suite.kafka().producer();
  await producer.connect();
}, 60_000);
afterAll(async () => {
  await producer.disconnect();
  await authorization.stop();
});

type Revocation = DataOf<typeof tokenRevoked>;
const topic = () => authorization.suite.topicPrefix + tokenRevocations.name;

/** Publishes as the token service would. */
async function revoke(scope: Revocation['scope'], id: string): Promise<void> {
  const now = Date.now();
  const data: Revocation = {
    scope,
    id,
    client_id: 'web',
    account_id: null,
    reason: 'requested',
    revoked_at: new Date(now).toISOString(),
    expires_at: new Date(now + 600_000).toISOString(),
  };
  const context = { actor_kind: 'client', actor_id: 'web', request_id: null, ip: null, user_agent: null } as const;
  const key = tokenRevoked.key(data);
  const headers = encodeHeaders({ id: randomUUID(), event: tokenRevoked, service: 'token', key, context, trace: {} });
  const value = JSON.stringify(data);
  const messages = [{ key, value, headers: { ...headers, ce_time: new Date(now).toISOString(), ce_sequence: '1' } }];
  await producer.send({ topic: topic(), messages });
}

async function statusWith(token: string, url = authorization.service.url): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/api/v1/permissions`, { headers });
  await response.body?.cancel();
  return response.status;
}

test('a token that is in use is refused within a second of its revocation, and others go on', async () => {
  const [jti, machine] = [randomUUID(), client()];
  const token = await authorization.token(machine, { claims: { jti } });
  const other = await authorization.token(machine);
  expect(await statusWith(token)).toBe(200);
  await revoke('jti', jti);
  await eventually(async () => expect(await statusWith(token)).toBe(401), { within: '1s' });
  expect(await statusWith(other)).toBe(200);
});

test('a revoked grant takes every token of it, and no tombstone brings them back before their expiry', async () => {
  const [grantId, later] = [randomUUID(), randomUUID()];
  const tokens = await Promise.all([1, 2].map(() => authorization.token(client(), { claims: { grant_id: grantId } })));
  await revoke('grant', grantId);
  for (const token of tokens) await eventually(async () => expect(await statusWith(token)).toBe(401), { within: '1s' });
  await producer.send({ topic: topic(), messages: [{ key: `grant:${grantId}`, value: null }] });
  const behindTheTombstone = await authorization.token(client(), { claims: { jti: later } });
  await revoke('jti', later);
  await eventually(async () => expect(await statusWith(behindTheTombstone)).toBe(401), { within: '5s' });
  for (const token of tokens) expect(await statusWith(token)).toBe(401);
});

test('a new instance knows earlier revocations when it says that it is ready', async () => {
  const jti = randomUUID();
  const token = await authorization.token(client(), { claims: { jti } });
  await revoke('jti', jti);
  const env = { ...authorization.suite.env('authorization'), ISSUER: authorization.issuer.url };
  const second = await startService(authorizationService, env);
  try {
    await eventually(() => second.health.readiness().ready, { within: '20s' });
    expect(await statusWith(token, second.url)).toBe(401);
  } finally {
    await second.close();
  }
}, 60_000);

test('an instance that cannot read the revocations answers 503 to every token, and says that it is not ready', async () => {
  const blind = await startService(authorizationService, {
    ...authorization.suite.env('authorization'),
    ISSUER: authorization.issuer.url,
    KAFKA_BROKERS: '127.0.0.1:1',
  });
  try {
    expect(await statusWith(await authorization.token(admin), blind.url)).toBe(503);
    expect(blind.health.readiness().failing.map(({ part }) => part)).toContain('follower');
  } finally {
    await blind.close();
  }
}, 60_000);
