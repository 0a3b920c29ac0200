import { randomBytes, randomUUID } from 'node:crypto';
import {
  accessDenied,
  accountRegistered,
  allTopics,
  emailVerified,
  requestsRefused,
  tokenRevoked,
} from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import { eventually } from '@gatehouse/testing';
import { AuditLogUnderTest } from '../audit-log.spec-support.ts';

let audit: AuditLogUnderTest;
beforeAll(async () => {
  audit = await AuditLogUnderTest.start('on-audited-events');
});
afterAll(() => audit.stop());

const registration = () => ({ account_id: uuidv7(), address_id: uuidv7() });
const countOf = async (id: string) => (await audit.entries('event_id = $1', [id])).length;

/** Resolves once everything that was sent for the account before has been handled: one key is one partition. */
async function settled({ account_id }: { account_id: string }): Promise<void> {
  await audit.entryOf(await audit.publish('token', accountRegistered, { account_id, address_id: uuidv7() }));
}

test('an event becomes an entry that says who caused it, from where and under which trace', async () => {
  const traceId = randomBytes(16).toString('hex');
  const data = registration();
  const id = await audit.publish('token', accountRegistered, data, {
    traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
    context: { actor_kind: 'client', actor_id: 'demo', request_id: 'request-1', ip: '192.0.2.7' },
  });
  expect(await audit.entryOf(id)).toMatchObject({
    log: 'platform',
    event: { id, type: 'account.registered', source: '/gatehouse/token', key: data.account_id },
    actor: { kind: 'client', id: 'demo' },
    action: 'account.register',
    trace_id: traceId,
    request_id: 'request-1',
    data,
  });
});

test.each([
  ['token', requestsRefused, requestsRefused.examples[0]],
  ['token', tokenRevoked, tokenRevoked.examples[0]],
  ['email-verification', emailVerified, emailVerified.examples[0]],
  ['authorization', accessDenied, accessDenied.examples[0]],
] as const)('what %s publishes is audited, from whichever topic', async (service, event, data) => {
  const id = await audit.publish(service, event, data);
  expect(await audit.entryOf(id)).toMatchObject({ event: { type: event.type }, origin: { service } });
});

test('the topics that the contracts call audited are all read, and no other is', async () => {
  const admin = await audit.suite.kafkaAdmin();
  const [group] = (await admin.describeGroups([`${audit.suite.topicPrefix}audit-log`])).groups;
  const offsets = await admin.fetchOffsets({ groupId: group!.groupId });
  const read = new Set(offsets.map(({ topic }) => topic.slice(audit.suite.topicPrefix.length)));
  const audited = allTopics.filter((topic) => topic.audited).map((topic) => topic.name);
  expect([...read].filter((topic) => !audited.includes(topic))).toEqual([]);
  expect(read).toContain('token.accounts');
});

test('facts of an organisation stand in its own log, in the order in which they were published', async () => {
  const organization = randomUUID();
  const ids: string[] = [];
  for (let i = 0; i < 5; i += 1)
    ids.push(
      await audit.publish('authorization', accessDenied, {
        ...accessDenied.examples[0],
        organization_id: organization,
      }),
    );
  await eventually(async () => expect(await audit.entries('log_id = $1', [`org-${organization}`])).toHaveLength(5), {
    within: '20s',
  });
  const entries = await audit.entries('log_id = $1', [`org-${organization}`]);
  expect(entries.map((entry) => entry.sequence)).toEqual([1, 2, 3, 4, 5]);
  expect(new Set(entries.map((entry) => entry.event.id))).toEqual(new Set(ids));
});

test('an event that is delivered again gets no second entry, even when the inbox has forgotten it', async () => {
  const data = registration();
  const id = await audit.publish('token', accountRegistered, data);
  const first = await audit.entryOf(id);
  await audit.publish('token', accountRegistered, data, { id });
  await settled(data);
  expect(await countOf(id)).toBe(1);
  await audit.database.query('DELETE FROM inbox WHERE event_id = $1', [id]);
  await resend(id, first.occurred, data);
  await settled(data);
  expect(await countOf(id)).toBe(1);
});

/** The same record as the first one, byte for byte. */
async function resend(id: string, time: string, data: { account_id: string; address_id: string }): Promise<void> {
  const headers = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: '/gatehouse/token',
    ce_type: 'account.registered',
    ce_subject: data.account_id,
    ce_dataschema: 'urn:gatehouse:event:account.registered:1',
    'content-type': 'application/json',
    ce_actorkind: 'anonymous',
    ce_sequence: '1',
    ce_time: time,
  };
  await audit.send('token', 'token.accounts', { key: data.account_id, value: JSON.stringify(data), headers });
}

test('another content under the id of an earlier event becomes an entry that says so, and nothing is lost', async () => {
  const id = await audit.publish('token', accountRegistered, registration());
  await audit.entryOf(id);
  await audit.database.query('DELETE FROM inbox WHERE event_id = $1', [id]);
  await audit.publish('token', accountRegistered, registration(), { id });
  await eventually(async () => expect(await audit.entries("action = 'audit.conflict' AND event_id = $1", [id])).toHaveLength(1), { within: '20s' }); // prettier-ignore
  expect(await audit.entries("action = 'account.register' AND event_id = $1", [id])).toHaveLength(1);
});

test('an event of a type or version that this build does not know is kept whole, so that a rolling upgrade loses nothing', async () => {
  const id = uuidv7();
  const type = 'account.teleported';
  const headers = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: '/gatehouse/token',
    ce_type: type,
    ce_time: new Date().toISOString(),
    ce_subject: 'k',
    ce_dataschema: `urn:gatehouse:event:${type}:7`,
    'content-type': 'application/json',
  };
  await audit.send('token', 'token.accounts', { key: 'k', value: '{"name":"Ada"}', headers });
  const entry = await audit.entryOf(id);
  expect(entry).toMatchObject({ outcome: 'unknown', action: type, event: { version: 7 } });
  expect(JSON.stringify(entry)).not.toContain('Ada');
  expect(entry.commitments).toHaveProperty(['/data']);
});

test.each([
  ['no envelope', {}, 'hello'],
  ['a value that is no JSON', { ce_specversion: '1.0', ce_id: randomUUID(), ce_type: 'account.registered' }, '{'],
])('a message with %s is parked by itself: no entry, and the others go on', async (_, headers, value) => {
  const key = randomUUID();
  await audit.send('token', 'token.accounts', { key, value, headers });
  const id = await audit.publish('token', accountRegistered, registration());
  await audit.entryOf(id);
  await eventually(async () => {
    const { rowCount } = await audit.database.query('SELECT FROM parked_message WHERE key = $1', [key]);
    expect(rowCount).toBe(1);
  }, { within: '20s' }); // prettier-ignore
  expect(await audit.entries("entry::text LIKE '%' || encode($1, 'hex') || '%'", [Buffer.from(key)])).toEqual([]);
});
