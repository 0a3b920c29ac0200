import { AuthorizationUnderTest, user } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-check');
}, 60_000);
afterAll(() => authorization.stop());

test('a role gives its permissions from the moment it is granted', async () => {
  const [{ id }, ada] = [await authorization.organization(), user()];
  const role = await authorization.role(id, ['audit:read']);
  expect(await authorization.allowed(ada, id, 'audit:read')).toBe(false);
  await authorization.grant(id, ada, { role_id: role.id });
  expect(await authorization.allowed(ada, id, 'audit:read')).toBe(true);
});
