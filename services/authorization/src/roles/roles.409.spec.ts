import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { service } from '../domain/built-in-roles.ts';
import { AuthorizationUnderTest, client } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-roles-409');
}, 60_000);
afterAll(() => authorization.stop());

test('a name is given once in an organisation, also when ten ask for it at the same time', async () => {
  const { id } = await authorization.organization();
  const json = { name: 'Auditor', permissions: [] };
  const create = () => authorization.call('POST', `/organizations/${id}/roles`, { json });
  const answers = await Promise.all(Array.from({ length: 10 }, create));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'already-exists' });
  const created = (await authorization.events(id)).filter(({ data }) => data['name'] === 'Auditor');
  expect(created).toHaveLength(1);
});

test('a role cannot take the name of another', async () => {
  const { id } = await authorization.organization();
  const role = await authorization.role(id, [], 'Auditor');
  const path = `/organizations/${id}/roles/${role.id}`;
  const { status, body } = await authorization.call('PATCH', path, { json: { name: 'administrator' } });
  expect([status, body['code']]).toEqual([409, 'already-exists']);
});

test('a role that somebody holds is not deleted', async () => {
  const { id } = await authorization.organization();
  const role = await authorization.role(id, ['audit:read']);
  const machine = client();
  const grant = await authorization.grant(id, machine, { role_id: role.id });
  const path = `/organizations/${id}/roles/${role.id}`;
  expect(await authorization.call('DELETE', path)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect(await authorization.allowed(machine, id, 'audit:read')).toBe(true);
  await authorization.call('DELETE', `/organizations/${id}/grants/${grant.id}`);
  expect((await authorization.call('DELETE', path)).status).toBe(204);
});

test.each(['PATCH', 'DELETE'])('a built-in role is not open to %s', async (method) => {
  const path = `/organizations/${PLATFORM_ORGANIZATION_ID}/roles/${service.id}`;
  const json = method === 'PATCH' ? { permissions: [] } : undefined;
  expect(await authorization.call(method, path, { json })).toMatchObject({ status: 409, body: { code: 'conflict' } });
});
