import { endpoints } from '@gatehouse/contracts';
import { AuthorizationUnderTest } from './authorization.spec-support.ts';
import { Belongings } from './belongings.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-412');
}, 60_000);
afterAll(() => authorization.stop());

const conditional = endpoints
  .filter(({ service, input }) => service === 'authorization' && input.headers)
  .map((endpoint) => [endpoint.id, endpoint] as const);

test('every endpoint that changes or deletes a thing takes If-Match', () => {
  const changing = endpoints.filter(
    ({ service, method }) => service === 'authorization' && ['PATCH', 'DELETE'].includes(method),
  );
  expect(conditional.map(([id]) => id)).toEqual(changing.map(({ id }) => id));
});

test.each(conditional)('%s refuses a version that has passed, and accepts the present one', async (_, endpoint) => {
  const belongings = await Belongings.make(authorization);
  const path = belongings.pathOf(endpoint);
  if (endpoint.id === 'authorization.delete-role')
    await authorization.call('DELETE', `/organizations/${belongings.organization.id}/grants/${belongings.grant.id}`);
  const json = endpoint.method === 'PATCH' ? {} : undefined;
  const attempt = (tag: string) => authorization.call(endpoint.method, path, { json, headers: { 'if-match': tag } });
  const before = await authorization.events(belongings.organization.id);
  expect(await attempt('"2"')).toMatchObject({ status: 412, body: { code: 'precondition-failed' } });
  expect(await authorization.events(belongings.organization.id)).toEqual(before);
  expect((await attempt('"1"')).status).toBe(endpoint.success.status);
});

test('of two changes based on the same version one is lost, not both kept', async () => {
  const { organization } = await Belongings.make(authorization);
  const rename = (name: string) =>
    authorization.call('PATCH', `/organizations/${organization.id}`, {
      json: { name },
      headers: { 'if-match': '"1"' },
    });
  const answers = await Promise.all([rename('Ada'), rename('Bob')]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
});
