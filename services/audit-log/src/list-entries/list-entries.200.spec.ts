import { randomBytes, randomUUID } from 'node:crypto';
import {
  accessDenied,
  accountRegistered,
  auditRead,
  auditReadAll,
  PLATFORM_ORGANIZATION_ID,
} from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import { eventually } from '@gatehouse/testing';
import { AuditLogUnderTest } from '../audit-log.spec-support.ts';

let audit: AuditLogUnderTest;
beforeAll(async () => {
  audit = await AuditLogUnderTest.start('list-entries-200');
  audit.permissions.grant('auditor', PLATFORM_ORGANIZATION_ID, auditReadAll.name);
});
afterAll(() => audit.stop());

/** `count` refusals in a new organisation that the member may audit. */
async function organizationWith(count: number, member = 'member'): Promise<string> {
  const organization = randomUUID();
  audit.permissions.grant(member, organization, auditRead.name);
  const data = { ...accessDenied.examples[0], organization_id: organization };
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1) ids.push(await audit.publish('authorization', accessDenied, data));
  for (const id of ids) await audit.entryOf(id);
  return organization;
}

test('every step of one trace is found by its trace id, across services and logs', async () => {
  const traceId = randomBytes(16).toString('hex');
  const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
  const organization = randomUUID();
  const ids = [
    await audit.publish('token', accountRegistered, { account_id: uuidv7(), address_id: uuidv7() }, { traceparent }),
    await audit.publish(
      'authorization',
      accessDenied,
      { ...accessDenied.examples[0], organization_id: organization },
      { traceparent },
    ),
  ];
  for (const id of ids) await audit.entryOf(id);
  const { status, body } = await audit.list({ trace_id: traceId, order: 'asc' });
  expect(status).toBe(200);
  expect(new Set(body.entries.map(({ entry }) => entry.event.id))).toEqual(new Set(ids));
  expect(new Set(body.entries.map(({ entry }) => entry.log))).toEqual(new Set(['platform', `org-${organization}`]));
});

test("a member sees its organisation's log only, whatever else it asks for", async () => {
  const [mine, other] = [await organizationWith(2), await organizationWith(1, 'somebody else')];
  const all = await audit.list({ org_id: mine, event_type: 'access.denied' }, 'member');
  expect(all.body.entries.map(({ entry }) => entry.log)).toEqual([`org-${mine}`, `org-${mine}`]);
  for (const log of ['platform', `org-${other}`])
    expect((await audit.list({ org_id: mine, log }, 'member')).body).toEqual({ entries: [], next_cursor: null });
});

test('pages lead through all entries once, newest first', async () => {
  const organization = await organizationWith(5);
  const seen: number[] = [];
  let cursor: string | null = null;
  do {
    const query = { org_id: organization, event_type: 'access.denied', limit: '2', ...(cursor ? { cursor } : {}) };
    const { body } = await audit.list(query, 'member');
    seen.push(...body.entries.map(({ entry }) => entry.sequence));
    cursor = body.next_cursor;
  } while (cursor);
  expect(seen).toEqual([5, 4, 3, 2, 1]);
});

test('no personal value is in a list', async () => {
  const organization = await organizationWith(0);
  const context = { actor_kind: 'client', actor_id: 'demo', ip: '198.51.100.77' } as const;
  const data = { ...accessDenied.examples[0], organization_id: organization };
  await audit.entryOf(await audit.publish('authorization', accessDenied, data, { context }));
  const { body } = await audit.list({ org_id: organization }, 'member');
  expect(body.entries[0]!.entry.commitments).toHaveProperty(['/origin/ip']);
  expect(JSON.stringify(body)).not.toContain('198.51.100.77');
});

test('a search becomes one entry that names the reader and what was asked, and no more than one', async () => {
  const organization = await organizationWith(1);
  await audit.list({ org_id: organization, outcome: 'denied' }, 'member');
  const reads = () => audit.entries("action = 'audit.read' AND log_id = $1", [`org-${organization}`]);
  await eventually(async () => expect(await reads()).toHaveLength(1), { within: '20s' });
  expect((await reads())[0]).toMatchObject({
    actor: { id: 'member' },
    reason: 'search',
    data: { filters: { org_id: organization, outcome: 'denied' }, results: 1 },
  });
  // Whatever the entry itself had set off would come before a later search's.
  await audit.list({ org_id: organization }, 'member');
  await eventually(async () => expect((await reads()).length).toBeGreaterThan(1), { within: '20s' });
  expect(await reads()).toHaveLength(2);
});

test('a search of the platform is an entry of the platform log', async () => {
  const id = randomUUID();
  await audit.list({ request_id: id });
  const reads = async () =>
    (await audit.entries("action = 'audit.read' AND log_id = 'platform'")).filter(
      (entry) => (entry.data!.filters as Record<string, string>).request_id === id,
    );
  await eventually(async () => expect(await reads()).toHaveLength(1), { within: '20s' });
});
