import { AuthorizationUnderTest, client } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-grants-204');
}, 60_000);
afterAll(() => authorization.stop());

test('a removed grant no longer counts, is told once, and can be given again', async () => {
  const [{ id }, machine] = [await authorization.organization(), client()];
  const grant = await authorization.grant(id, machine, { permission: 'audit:read' });
  const path = `/organizations/${id}/grants/${grant.id}`;
  const answers = await Promise.all([authorization.call('DELETE', path), authorization.call('DELETE', path)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 404]);
  expect(await authorization.allowed(machine, id, 'audit:read')).toBe(false);
  const removed = (await authorization.events(id)).filter(({ type }) => type === 'grant.removed');
  expect(removed).toMatchObject([{ data: { grant_id: grant.id, permission: 'audit:read', epochs: { subject: 2 } } }]);
  await authorization.grant(id, machine, { permission: 'audit:read' });
});
