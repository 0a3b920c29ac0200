import { startEmailVerification, wrongCode, type ServiceUnderTest } from '../email-verification.spec-support.ts';

let service: ServiceUnderTest;
beforeAll(async () => (service = await startEmailVerification('confirm-410')));
afterAll(() => service.close());

const confirm = (flowId: string, body: unknown) =>
  service.postJson(`/api/v1/email-verifications/${flowId}/confirm`, body);

test('after its time neither code nor link confirms, and a wrong code costs nothing', async () => {
  const { flow_id, account_id, code, token } = await service.register();
  await service.database.query('UPDATE message SET expires_at = now() WHERE flow_id = $1', [flow_id]);
  for (const body of [{ code }, { token }, { code: wrongCode(code) }]) {
    const response = await confirm(flow_id, body);
    expect([response.status, await response.json()]).toMatchObject([410, { code: 'verification-expired' }]);
  }
  const flows = await service.database.query('SELECT confirmed_at, wrong_codes FROM verification_flow WHERE id = $1', [
    flow_id,
  ]);
  expect(flows).toEqual([{ confirmed_at: null, wrong_codes: 0 }]);
  expect((await service.eventsOf(account_id)).map(({ type }) => type)).not.toContain('email.verified');
});
