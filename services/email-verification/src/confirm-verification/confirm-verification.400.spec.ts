import { startEmailVerification, type ServiceUnderTest } from '../email-verification.spec-support.ts';

let service: ServiceUnderTest;
beforeAll(async () => (service = await startEmailVerification('confirm-400')));
afterAll(() => service.close());

test.each([
  ['no credential', {}],
  ['both credentials', { code: '12345678', token: 'x'.repeat(43) }],
  ['a code that is none', { code: 'abc' }],
  ['a code with characters that no code has', { code: '1234567U' }],
  ['a token that is cut off', { token: 'x'.repeat(42) }],
  ['a field that is not declared', { code: '12345678', flow: 1 }],
  ['a wrong type', { code: 12_345_678 }],
])('%s is refused and costs no attempt', async (_, body) => {
  const { flow_id, code } = await service.register();
  const response = await service.postJson(`/api/v1/email-verifications/${flow_id}/confirm`, body);
  expect([response.status, await response.json()]).toMatchObject([400, { code: 'invalid-input' }]);
  const [flow] = await service.database.query('SELECT wrong_codes FROM verification_flow WHERE id = $1', [flow_id]);
  expect(flow).toEqual({ wrong_codes: 0 });
  expect((await service.postJson(`/api/v1/email-verifications/${flow_id}/confirm`, { code })).status).toBe(200);
});

test('a flow id that is no UUID names the parameter', async () => {
  const response = await service.postJson('/api/v1/email-verifications/x/confirm', { code: '12345678' });
  expect([response.status, await response.json()]).toMatchObject([400, { errors: [{ parameter: 'flow_id' }] }]);
});
