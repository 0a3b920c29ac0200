import { startEmailVerification, type ServiceUnderTest } from '../email-verification.spec-support.ts';
import { PermissionStub } from './list-messages.spec-support.ts';

let service: ServiceUnderTest;
let permissions: PermissionStub;
beforeAll(async () => {
  permissions = await PermissionStub.start('operator');
  service = await startEmailVerification('messages-403', { AUTHORIZATION_URL: permissions.url });
});
afterAll(async () => {
  await service.close();
  await permissions.stop();
});

const list = (authorization?: string) => service.get('/api/v1/messages', authorization ? { authorization } : {});

test('without a token nothing is listed', async () => {
  expect((await list()).status).toBe(401);
  expect((await list('Bearer x')).status).toBe(401);
});

test('a token without the permission is refused, and the refusal is a fact for the audit log', async () => {
  const audience = service.suite.url('email-verification');
  const refused = await list(`Bearer ${await service.issuer.token({ audience, subject: 'somebody' })}`);
  expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'permission-denied' }]);
  const denials = await service.database.query<{ payload: string }>(
    "SELECT payload FROM outbox WHERE headers->>'ce_type' = 'access.denied'",
  );
  expect(denials.map(({ payload }) => JSON.parse(payload) as unknown)).toMatchObject([
    { endpoint: 'email-verification.list-messages', permission: 'mail:read', subject_id: 'somebody' },
  ]);
});

test('without an answer about the permission nothing is listed', async () => {
  await permissions.stop();
  const audience = service.suite.url('email-verification');
  expect((await list(`Bearer ${await service.issuer.token({ audience, subject: 'operator' })}`)).status).toBe(503);
});
