import type { RoleResource } from '@gatehouse/contracts';
import { AuthorizationUnderTest } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-roles-200');
}, 60_000);
afterAll(() => authorization.stop());

test('roles are listed in order of creation, page by page', async () => {
  const { id } = await authorization.organization();
  const made = [
    await authorization.role(id, ['audit:read']),
    await authorization.role(id, []),
    await authorization.role(id, ['*']),
  ];
  type Page = { items: RoleResource[]; next_cursor: string };
  const first = await authorization.call<Page>('GET', `/organizations/${id}/roles?limit=2`);
  const cursor = first.body.next_cursor;
  const second = await authorization.call<Page>('GET', `/organizations/${id}/roles?limit=2&cursor=${cursor}`);
  expect(second.body.next_cursor).toBeNull();
  expect([...first.body.items, ...second.body.items].slice(1)).toEqual(made);
});

test('a change keeps what it does not name', async () => {
  const { id } = await authorization.organization();
  const role = await authorization.role(id, ['audit:read'], 'Auditor');
  const path = `/organizations/${id}/roles/${role.id}`;
  const described = await authorization.call('PATCH', path, { json: { description: 'Reads.' } });
  expect(described).toMatchObject({
    status: 200,
    body: { name: 'Auditor', description: 'Reads.', permissions: ['audit:read'] },
  });
  const emptied = await authorization.call('PATCH', path, { json: { permissions: [] } });
  expect(emptied.body).toMatchObject({ name: 'Auditor', description: 'Reads.', permissions: [], version: 3 });
  expect(emptied.headers.get('etag')).toBe('"3"');
  expect((await authorization.call('GET', path)).body).toEqual(emptied.body);
});

test('a change of a role raises the epoch of its organisation, once, and tells it', async () => {
  const { id } = await authorization.organization();
  const role = await authorization.role(id, ['audit:read']);
  await authorization.call('PATCH', `/organizations/${id}/roles/${role.id}`, { json: { permissions: ['*'] } });
  expect((await authorization.events(id)).at(-1)).toMatchObject({
    type: 'role.changed',
    data: { role_id: role.id, permissions: ['*:*'], epochs: { organization: 3 } },
  });
});
