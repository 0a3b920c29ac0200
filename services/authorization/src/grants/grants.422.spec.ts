import { randomUUID } from 'node:crypto';
import { AuthorizationUnderTest, client, user } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-grants-422');
}, 60_000);
afterAll(() => authorization.stop());

async function refusal(organizationId: string, json: object): Promise<unknown> {
  const before = await authorization.events(organizationId);
  const { status, body } = await authorization.call('POST', `/organizations/${organizationId}/grants`, { json });
  expect([status, body['code']]).toEqual([422, 'unprocessable']);
  expect(await authorization.events(organizationId)).toEqual(before);
  return body['detail'];
}

test('a user who is not a member gets no grant', async () => {
  const { id } = await authorization.organization();
  expect(await refusal(id, { subject: user(), permission: 'audit:read' })).toBe(
    'The user is not a member of the organisation.',
  );
});

test('a role of another organisation cannot be granted, and is not told from a missing one', async () => {
  const [{ id }, other] = [await authorization.organization(), await authorization.organization()];
  const foreign = await authorization.role(other.id, ['audit:read']);
  const detail = await refusal(id, { subject: client(), role_id: foreign.id });
  expect(detail).toBe('The organisation has no such role.');
  expect(await refusal(id, { subject: client(), role_id: randomUUID() })).toBe(detail);
});

test('a permission that is not in the catalog, and a platform permission elsewhere, cannot be granted', async () => {
  const { id } = await authorization.organization();
  expect(await refusal(id, { subject: client(), permission: 'unknown:permission' })).toMatch(/not in the catalog/);
  expect(await refusal(id, { subject: client(), permission: 'audit:read-all' })).toMatch(/platform organisation only/);
});
