import { startEmailVerification, type ServiceUnderTest } from '../email-verification.spec-support.ts';
import { PermissionStub } from './list-messages.spec-support.ts';

let service: ServiceUnderTest;
let permissions: PermissionStub;
beforeAll(async () => {
  permissions = await PermissionStub.start('operator');
  service = await startEmailVerification('messages-400', { AUTHORIZATION_URL: permissions.url });
});
afterAll(async () => {
  await service.close();
  await permissions.stop();
});

test.each(['state=lost', 'limit=0', 'limit=201', 'cursor=x', 'unknown=1'])('%s names its parameter', async (query) => {
  const token = await service.issuer.token({ audience: service.suite.url('email-verification'), subject: 'operator' });
  const response = await service.get(`/api/v1/messages?${query}`, { authorization: `Bearer ${token}` });
  const parameter = query.split('=')[0];
  expect([response.status, await response.json()]).toMatchObject([400, { errors: [{ parameter }] }]);
});
