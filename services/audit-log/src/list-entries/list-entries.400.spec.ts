import { auditReadAll, PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { AuditLogUnderTest } from '../audit-log.spec-support.ts';

let audit: AuditLogUnderTest;
beforeAll(async () => {
  audit = await AuditLogUnderTest.start('list-entries-400');
  audit.permissions.grant('auditor', PLATFORM_ORGANIZATION_ID, auditReadAll.name);
});
afterAll(() => audit.stop());

test.each([
  ['cursor', { cursor: 'bm90IGEgY3Vyc29y' }],
  ['trace_id', { trace_id: 'XYZ' }],
  ['limit', { limit: '0' }],
  ['limit', { limit: '201' }],
  ['log', { log: "platform' OR 1=1" }],
  ['org_id', { org_id: 'mine' }],
  ['outcome', { outcome: 'maybe' }],
  ['recorded_from', { recorded_from: 'yesterday' }],
  ['order', { order: 'random' }],
  ['actor_id', { actor_id: '' }],
  ['colour', { colour: 'blue' }],
])('a wrong %s is named', async (parameter, query: Record<string, string>) => {
  const { status, body } = await audit.list(query);
  expect([status, body]).toMatchObject([400, { code: 'invalid-input', errors: [{ parameter }] }]);
});

test('a refused search is no search: it leaves no entry of its own', async () => {
  await audit.list({ limit: '0' });
  const { rows } = await audit.database.query("SELECT FROM outbox WHERE headers->>'ce_type' = 'audit.read'");
  expect(rows).toEqual([]);
});
