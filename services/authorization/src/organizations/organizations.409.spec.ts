import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { AuthorizationUnderTest } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-org-409');
}, 60_000);
afterAll(() => authorization.stop());

test('the platform organisation cannot be deleted', async () => {
  const { status, body } = await authorization.call('DELETE', `/organizations/${PLATFORM_ORGANIZATION_ID}`);
  expect([status, body['code']]).toEqual([409, 'conflict']);
  expect((await authorization.call('GET', `/organizations/${PLATFORM_ORGANIZATION_ID}`)).status).toBe(200);
});
