import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { AuthorizationUnderTest } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-roles-422');
}, 60_000);
afterAll(() => authorization.stop());

test.each([
  ['unknown:permission', 'The permission unknown:permission is not in the catalog.'],
  ['authorization:check', 'The permission authorization:check can be granted in the platform organisation only.'],
])('a role cannot carry %s, neither at first nor later, and nothing is changed', async (permission, detail) => {
  const { id } = await authorization.organization();
  const role = await authorization.role(id, ['audit:read']);
  const before = await authorization.events(id);
  const json = { name: 'Auditor', permissions: ['audit:read', permission] };
  const created = await authorization.call('POST', `/organizations/${id}/roles`, { json });
  expect(created).toMatchObject({ status: 422, body: { code: 'unprocessable', detail } });
  const path = `/organizations/${id}/roles/${role.id}`;
  const changed = await authorization.call('PATCH', path, { json: { permissions: [permission] } });
  expect(changed).toMatchObject({ status: 422, body: { code: 'unprocessable', detail } });
  expect((await authorization.call('GET', path)).body).toEqual(role);
  expect(await authorization.events(id)).toEqual(before);
});

test('a role of the platform organisation may carry platform permissions', async () => {
  await authorization.role(PLATFORM_ORGANIZATION_ID, ['authorization:check', 'audit:read']);
});
