import { AuthorizationUnderTest } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-roles-201');
}, 60_000);
afterAll(() => authorization.stop());

test('a role is created with each pattern once, in order and in one spelling', async () => {
  const { id } = await authorization.organization();
  const json = { name: 'Everything', permissions: ['roles:write', '*', 'audit:read', '*:*', 'audit:read'] };
  const { status, body } = await authorization.call('POST', `/organizations/${id}/roles`, { json });
  expect(status).toBe(201);
  expect(body).toMatchObject({
    organization_id: id,
    description: '',
    permissions: ['*:*', 'audit:read', 'roles:write'],
  });
  expect((await authorization.events(id)).at(-1)).toMatchObject({
    type: 'role.created',
    data: { role_id: body['id'], name: 'Everything', permissions: body['permissions'], epochs: { organization: 2 } },
  });
});

test('the largest role that is accepted can be told in one event', async () => {
  const { id } = await authorization.organization();
  const permissions = Array.from({ length: 300 }, (_, i) => `${'r'.repeat(94)}${String(i).padStart(3, '0')}:*`);
  const json = { name: 'n'.repeat(100), description: 'd'.repeat(500), permissions };
  const { status, body } = await authorization.call('POST', `/organizations/${id}/roles`, { json });
  expect(status).toBe(201);
  expect(body['permissions']).toEqual(permissions);
});

test('two organisations may each have a role of the same name', async () => {
  const [one, two] = [await authorization.organization(), await authorization.organization()];
  await authorization.role(one.id, [], 'Auditor');
  await authorization.role(two.id, [], 'Auditor');
});
