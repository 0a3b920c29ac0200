import { randomUUID } from 'node:crypto';
import {
  accessDenied,
  auditRead,
  auditReadAll,
  PLATFORM_ORGANIZATION_ID,
  readEntry,
  requestsRefused,
} from '@gatehouse/contracts';
import { eventually } from '@gatehouse/testing';
import { AuditLogUnderTest } from '../audit-log.spec-support.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import { commitmentOf } from '../domain/commitment.ts';
import { leafHash } from '../domain/leaf.ts';

const organization = randomUUID();
let audit: AuditLogUnderTest;
beforeAll(async () => {
  audit = await AuditLogUnderTest.start('read-entry');
  audit.permissions.grant('auditor', PLATFORM_ORGANIZATION_ID, auditReadAll.name);
  audit.permissions.grant('member', organization, auditRead.name);
});
afterAll(() => audit.stop());

const refusalIn = (organization_id: string) =>
  audit.publish('authorization', accessDenied, { ...accessDenied.examples[0], organization_id });

test('an entry comes with its personal values, each of which proves itself', async () => {
  const id = await audit.publish('token', requestsRefused, { ...requestsRefused.examples[0], source: '198.51.100.9' });
  const { log, sequence } = await audit.entryOf(id);
  const { status, body } = await audit.read(log, sequence);
  expect(status).toBe(200);
  expect(body.disclosed).toMatchObject([{ pointer: '/data/source', value: '198.51.100.9', subject: '198.51.100.9' }]);
  const [seal] = body.disclosed;
  expect(commitmentOf({ ...seal!, salt: Buffer.from(seal!.salt, 'base64url') })).toBe(
    body.entry.commitments['/data/source'],
  );
  expect(leafHash(Buffer.from(canonicalJson(body.entry))).toString('base64url')).toBe(body.leaf_hash);
});

test("a member opens an entry of its organisation, and nobody else's: the answer is that of a missing one", async () => {
  const mine = await audit.entryOf(await refusalIn(organization));
  const theirs = await audit.entryOf(await refusalIn(randomUUID()));
  const query = { org_id: organization };
  expect((await audit.read(mine.log, mine.sequence, query, 'member')).status).toBe(200);
  const refused = await audit.read(theirs.log, theirs.sequence, query, 'member');
  const missing = await audit.read(mine.log, 999_999, query, 'member');
  const shown = ({ status, body }: typeof refused) => ({ status, ...body, request_id: null });
  expect(refused.status).toBe(404);
  expect(shown(refused)).toEqual(shown(missing));
});

test('the denial that such an answer hides is in the platform log, for the caller is nobody in the other organisation', async () => {
  const other = randomUUID();
  const { log, sequence } = await audit.entryOf(await refusalIn(other));
  await audit.read(log, sequence, { org_id: organization }, 'member');
  const denials = async () =>
    (await audit.entries("action = 'access.request' AND actor_id = 'member'")).filter(
      (entry) => entry.data!.organization_id === other,
    );
  await eventually(async () => expect(await denials()).toHaveLength(1), { within: '20s' });
  const data = { endpoint: readEntry.id, permission: auditRead.name, belongs: false, subject_id: 'member' };
  expect((await denials())[0]).toMatchObject({ log: 'platform', outcome: 'denied', data });
});

test('opening an entry becomes one entry of the log that was read', async () => {
  const { log, sequence } = await audit.entryOf(await refusalIn(organization));
  await audit.read(log, sequence, { org_id: organization }, 'member');
  const reads = () =>
    audit
      .entries("action = 'audit.read' AND log_id = $1 AND actor_id = 'member'", [log])
      .then((entries) =>
        entries.filter((entry) => (entry.data!.filters as Record<string, string>).sequence === String(sequence)),
      );
  await eventually(async () => expect(await reads()).toHaveLength(1), { within: '20s' });
  expect((await reads())[0]).toMatchObject({ reason: 'detail', target: { kind: 'audit-log', id: log } });
});

test.each([
  ['log', '/api/v1/audit/entries/org-1/1'],
  ['sequence', '/api/v1/audit/entries/platform/0'],
  ['sequence', '/api/v1/audit/entries/platform/one'],
])('a wrong %s is invalid input', async (parameter, path) => {
  const { status, body } = await audit.get(path, 'auditor');
  expect([status, body]).toMatchObject([400, { errors: [{ parameter }] }]);
});
