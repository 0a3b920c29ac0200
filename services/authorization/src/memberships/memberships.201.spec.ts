import { AuthorizationUnderTest, user } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-members-201');
}, 60_000);
afterAll(() => authorization.stop());

test('a user becomes a member, for good or for a time', async () => {
  const [{ id }, ada, bob] = [await authorization.organization(), user(), user()];
  const path = `/organizations/${id}/memberships`;
  const forGood = await authorization.call('POST', path, { json: { user_id: ada.id } });
  expect(forGood).toMatchObject({ status: 201, body: { organization_id: id, user_id: ada.id, expires_at: null } });
  const json = { user_id: bob.id, expires_at: '2031-01-01T01:00:00+01:00' };
  const forATime = await authorization.call('POST', path, { json });
  expect(forATime.body).toMatchObject({ expires_at: '2031-01-01T00:00:00.000Z' });
  expect((await authorization.events(id)).slice(-2)).toMatchObject([
    { type: 'membership.added', data: { user_id: ada.id, expires_at: null, epochs: { subject: 1 } } },
    { type: 'membership.added', data: { user_id: bob.id, expires_at: '2031-01-01T00:00:00.000Z' } },
  ]);
});

test('a member without a grant has no permission', async () => {
  const [{ id }, ada] = [await authorization.organization(), user()];
  await authorization.member(id, ada);
  expect(await authorization.allowed(ada, id, 'organization:read')).toBe(false);
});
