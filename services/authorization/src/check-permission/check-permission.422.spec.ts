import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { AuthorizationUnderTest, user } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-check-422');
}, 60_000);
afterAll(() => authorization.stop());

const check = (json: object) =>
  authorization.call('POST', '/authorization/check', {
    json: { user_id: user().id, org_id: PLATFORM_ORGANIZATION_ID, ...json },
  });

test('a permission that is not in the catalog is a mistake of the caller, not a denial', async () => {
  const { status, body } = await check({ permission: 'activity:rename' });
  expect(status).toBe(422);
  expect(body).toMatchObject({
    code: 'unprocessable',
    detail: 'The permission activity:rename is not in the catalog.',
  });
  expect(body).not.toHaveProperty('allowed');
});

test('it can be checked as soon as it is registered', async () => {
  await authorization.call('POST', '/permissions', { json: { name: 'activity:read', summary: 'Read activities.' } });
  expect(await check({ permission: 'activity:read' })).toMatchObject({ status: 200, body: { allowed: false } });
});

test.each(['*', 'audit:*', '*:read', 'audit', 'audit:read:all', ':read', 'audit:', 'audit: read', ''])(
  'the permission %p cannot be asked',
  async (permission) => {
    const { status, body } = await check({ permission });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid-input', errors: [{ pointer: '#/permission' }] });
    expect(body).not.toHaveProperty('allowed');
  },
);
