import { AuthorizationUnderTest, user } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-members-409');
}, 60_000);
afterAll(() => authorization.stop());

test('a member is not added twice, and the first membership stays as it is', async () => {
  const [{ id }, ada] = [await authorization.organization(), user()];
  await authorization.member(id, ada);
  const json = { user_id: ada.id, expires_at: '2031-01-01T00:00:00Z' };
  const again = await authorization.call('POST', `/organizations/${id}/memberships`, { json });
  expect(again).toMatchObject({ status: 409, body: { code: 'already-exists' } });
  const { body } = await authorization.call('GET', `/organizations/${id}/memberships/${ada.id}`);
  expect(body).toMatchObject({ expires_at: null, version: 1 });
});
