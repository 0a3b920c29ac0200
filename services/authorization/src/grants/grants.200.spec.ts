import type { GrantResource } from '@gatehouse/contracts';
import { AuthorizationUnderTest, client, user } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-grants-200');
}, 60_000);
afterAll(() => authorization.stop());

test('grants are listed in order of creation, by subject and by role', async () => {
  const [{ id }, ada, machine] = [await authorization.organization(), user(), client()];
  const role = await authorization.role(id, ['audit:read']);
  const one = await authorization.grant(id, ada, { role_id: role.id });
  const two = await authorization.grant(id, ada, { permission: '*' });
  const three = await authorization.grant(id, machine, { role_id: role.id });
  const list = async (query: string) => {
    const { body } = await authorization.call<{ items: GrantResource[] }>(
      'GET',
      `/organizations/${id}/grants?${query}`,
    );
    return body.items;
  };
  expect(await list(`subject_type=user&subject_id=${ada.id}`)).toEqual([one, two]);
  expect(await list(`role_id=${role.id}`)).toEqual([one, three]);
  expect(await list(`role_id=${role.id}&subject_id=${ada.id}`)).toEqual([one]);
  expect((await list('')).slice(1)).toEqual([one, two, three]);
});

test('a change moves the time of a grant and nothing else', async () => {
  const [{ id }, machine] = [await authorization.organization(), client()];
  const grant = await authorization.grant(id, machine, { permission: 'audit:read' });
  const path = `/organizations/${id}/grants/${grant.id}`;
  const ended = await authorization.call('PATCH', path, { json: { expires_at: '2020-01-01T00:00:00Z' } });
  expect(ended).toMatchObject({
    status: 200,
    body: { ...grant, expires_at: '2020-01-01T00:00:00.000Z', version: 2, updated_at: expect.any(String) as string },
  });
  expect(await authorization.allowed(machine, id, 'audit:read')).toBe(false);
  await authorization.call('PATCH', path, { json: { expires_at: null } });
  expect(await authorization.allowed(machine, id, 'audit:read')).toBe(true);
  expect((await authorization.events(id)).at(-1)).toMatchObject({
    type: 'grant.changed',
    data: { grant_id: grant.id, subject: machine, expires_at: null, epochs: { subject: 3 } },
  });
});
