import { AuthorizationUnderTest } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-roles-204');
}, 60_000);
afterAll(() => authorization.stop());

test('a role that nobody holds is deleted, and its name is free again', async () => {
  const { id } = await authorization.organization();
  const role = await authorization.role(id, ['audit:read'], 'Auditor');
  const path = `/organizations/${id}/roles/${role.id}`;
  expect((await authorization.call('DELETE', path)).status).toBe(204);
  expect((await authorization.call('GET', path)).status).toBe(404);
  expect((await authorization.call('DELETE', path)).status).toBe(404);
  expect((await authorization.events(id)).at(-1)).toMatchObject({ type: 'role.deleted', data: { role_id: role.id } });
  await authorization.role(id, [], 'Auditor');
});
