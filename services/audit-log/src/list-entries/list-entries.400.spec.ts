import { auditReadAll, PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { AuditLogUnderTest } from '../audit-log.spec-support.ts';

let audit: AuditLogUnderTest;
beforeAll(async () => {
  audit = await AuditLogUnderTest.start('list-entries-400');
  audit.permissions.grant('auditor', PLATFORM_ORGANIZATION_ID, auditReadAll.name);
});
afterAll(() => audit.stop());

const cursor = (recorded: string) => Buffer.from(JSON.stringify([recorded, 'platform', 1])).toString('base64url');

test.each([
  ['cursor', { cursor: 'bm90IGEgY3Vyc29y' }],
  ['cursor', { cursor: cursor('2026-02-30T00:00:00.000Z') }],
  ['cursor', { cursor: cursor('0000-06-01T00:00:00.000Z') }],
  ['trace_id', { trace_id: 'XYZ' }],
  ['limit', { limit: '0' }],
  ['limit', { limit: '201' }],
  ['log', { log: "platform' OR 1=1" }],
  ['org_id', { org_id: 'mine' }],
  ['outcome', { outcome: 'maybe' }],
  ['recorded_from', { recorded_from: 'yesterday' }],
  ['recorded_from', { recorded_from: '0000-06-01T00:00:00Z' }],
  ['recorded_before', { recorded_before: '9999-12-31T23:59:59.999999999Z' }],
  ['order', { order: 'random' }],
  ['actor_id', { actor_id: '' }],
  ['actor_id', { actor_id: '\0' }],
  ['event_type', { event_type: 'a\0b' }],
  ['colour', { colour: 'blue' }],
])('a wrong %s is named', async (parameter, query: Record<string, string>) => {
  const { status, body } = await audit.list(query);
  expect([status, body]).toMatchObject([400, { code: 'invalid-input', errors: [{ parameter }] }]);
});

test('PostgreSQL would have failed on what is refused (negative control)', async () => {
  const fails = (type: string, value: string) =>
    expect(audit.database.query(`SELECT $1::${type}`, [value])).rejects.toThrow(/invalid|out of range/);
  for (const instant of ['2026-02-30T00:00:00.000Z', '0000-06-01T00:00:00Z']) await fails('timestamptz', instant);
  await fails('text', 'a\0b');
});

test('a refused search is no search: it leaves no entry of its own', async () => {
  await audit.list({ limit: '0' });
  const { rows } = await audit.database.query("SELECT FROM outbox WHERE headers->>'ce_type' = 'audit.read'");
  expect(rows).toEqual([]);
});
