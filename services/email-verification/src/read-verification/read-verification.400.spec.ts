import { startEmailVerification, type ServiceUnderTest } from '../email-verification.spec-support.ts';

let service: ServiceUnderTest;
beforeAll(async () => (service = await startEmailVerification('read-400')));
afterAll(() => service.close());

test('an id that is no UUID is refused', async () => {
  const response = await service.get('/api/v1/email-verifications/1');
  expect([response.status, await response.json()]).toMatchObject([400, { errors: [{ parameter: 'flow_id' }] }]);
});
