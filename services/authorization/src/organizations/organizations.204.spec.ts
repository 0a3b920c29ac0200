import { AuthorizationUnderTest, user } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-org-204');
}, 60_000);
afterAll(() => authorization.stop());

test('an organisation goes with all that it held, in one event that counts it, and its epochs stay', async () => {
  const [{ id }, ada] = [await authorization.organization(), user()];
  const role = await authorization.role(id, ['audit:read']);
  await authorization.grant(id, ada, { role_id: role.id });
  expect((await authorization.call('DELETE', `/organizations/${id}`)).status).toBe(204);
  expect((await authorization.call('GET', `/organizations/${id}`)).status).toBe(404);
  expect((await authorization.events(id)).at(-1)).toMatchObject({
    type: 'organization.deleted',
    data: { roles_deleted: 2, memberships_removed: 1, grants_removed: 2, epochs: { organization: 3 } },
  });
  const { rows } = await authorization.database.query(
    'SELECT epoch::int FROM organization_epoch WHERE organization_id = $1',
    [id],
  );
  expect(rows).toEqual([{ epoch: 3 }]);
});
