import { randomUUID } from 'node:crypto';
import { auditRead, auditReadAll, PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { eventually } from '@gatehouse/testing';
import { AuditLogUnderTest } from '../audit-log.spec-support.ts';

const organization = randomUUID();
let audit: AuditLogUnderTest;
beforeAll(async () => {
  audit = await AuditLogUnderTest.start('list-entries-403');
  audit.permissions.grant('auditor', PLATFORM_ORGANIZATION_ID, auditReadAll.name);
  audit.permissions.grant('member', organization, auditRead.name);
});
afterAll(() => audit.stop());

test('without a token nothing is read', async () => {
  expect((await audit.list({}, null)).status).toBe(401);
  expect((await audit.read('platform', 1, {}, null)).status).toBe(401);
});

test.each([
  ['a stranger', 'stranger', {}],
  ["a stranger in somebody's organisation", 'stranger', { org_id: organization }],
  ['a member outside of its organisation', 'member', {}],
  ['a member in another organisation', 'member', { org_id: randomUUID() }],
  ["the platform's auditor where an organisation's permission is asked", 'auditor', { org_id: organization }],
])('%s is refused, in the list as for one entry', async (_, subject, query: Record<string, string>) => {
  expect((await audit.list(query, subject)).status).toBe(403);
  expect((await audit.read('platform', 1, query, subject)).status).toBe(403);
});

const refusal = {
  action: 'access.request',
  outcome: 'denied',
  target: { id: 'audit-log.list-entries' },
  reason: 'audit:read',
};
/** Where the refusal of `actor` is, once there is one. */
const refusalOf = (actor: string) =>
  eventually(
    async () => {
      const entries = await audit.entries("actor_id = $1 AND outcome = 'denied'", [actor]);
      expect(entries).toHaveLength(1);
      return entries[0]!;
    },
    { within: '20s' },
  );

test("a refusal of somebody who belongs to the organisation becomes an entry of the organisation's log", async () => {
  audit.permissions.join('newcomer', organization);
  expect((await audit.list({ org_id: organization }, 'newcomer')).status).toBe(403);
  expect(await refusalOf('newcomer')).toMatchObject({ ...refusal, log: `org-${organization}` });
});

test.each([
  ["somebody else's organisation", organization],
  ['an organisation that does not exist', randomUUID()],
])('nobody writes into the log of %s: the refusal is in the platform log and names it', async (_, org_id) => {
  const intruder = `intruder-${randomUUID()}`;
  expect((await audit.list({ org_id }, intruder)).status).toBe(403);
  expect(await refusalOf(intruder)).toMatchObject({
    ...refusal,
    log: 'platform',
    organization_id: null,
    data: { organization_id: org_id, belongs: false },
  });
  expect(await audit.entries("log_id = $1 AND actor_id LIKE 'intruder-%'", [`org-${org_id}`])).toEqual([]);
});

test('without an answer about the permission nothing is read', async () => {
  await audit.permissions.stop();
  expect((await audit.list({}, 'auditor')).status).toBe(503);
});
