import type { OrganizationResource } from '@gatehouse/contracts';
import { AuthorizationUnderTest, client, user } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-org-201');
}, 60_000);
afterAll(() => authorization.stop());

test('who creates an organisation is its administrator', async () => {
  const founder = client();
  await authorization.grant('00000000-0000-7000-8000-000000000000', founder, { permission: 'organizations:create' });
  const { status, body, headers } = await authorization.call<OrganizationResource>('POST', '/organizations', {
    as: founder,
    json: { name: '  Analytical Engines ' },
  });
  expect(status).toBe(201);
  expect(headers.get('etag')).toBe('"1"');
  expect(body).toMatchObject({ name: 'Analytical Engines', version: 1 });
  expect(await authorization.allowed(founder, body.id, 'grants:write')).toBe(true);
  const roles = await authorization.call('GET', `/organizations/${body.id}/roles`, { as: founder });
  expect(roles.body).toMatchObject({ items: [{ name: 'administrator', permissions: ['*:*'] }] });
});

test('an organisation can be created for a user, who is then a member and its administrator', async () => {
  const ada = user();
  const json = { name: 'Difference Engines', administrator: ada };
  const { body } = await authorization.call<OrganizationResource>('POST', '/organizations', { json });
  const own = await authorization.call('GET', `/organizations/${body.id}/memberships/${ada.id}`, { as: ada });
  expect(own).toMatchObject({ status: 200, body: { user_id: ada.id, expires_at: null } });
  expect(await authorization.allowed(ada, body.id, 'roles:write')).toBe(true);
});

test('the founding of an organisation is told event by event, under its own key and with the epochs it begins with', async () => {
  const ada = user();
  const json = { name: 'Difference Engines', administrator: ada };
  const { body } = await authorization.call<OrganizationResource>('POST', '/organizations', { json });
  const events = await authorization.events(body.id);
  expect(events.map(({ type }) => type)).toEqual([
    'organization.created',
    'role.created',
    'membership.added',
    'grant.added',
  ]);
  const epochs = { organization: 1, subject: 1 };
  expect(events.map(({ data }) => data)).toMatchObject([
    { organization_id: body.id, name: 'Difference Engines', administrator: ada, epochs },
    { organization_id: body.id, name: 'administrator', permissions: ['*:*'], epochs },
    { organization_id: body.id, user_id: ada.id, epochs },
    { organization_id: body.id, subject: ada, effect: 'allow', epochs },
  ]);
});
