import { startEmailVerification, wrongCode, type ServiceUnderTest } from '../email-verification.spec-support.ts';

let service: ServiceUnderTest;
beforeAll(async () => (service = await startEmailVerification('confirm-409')));
afterAll(() => service.close());

const confirm = (flowId: string, body: unknown) =>
  service.postJson(`/api/v1/email-verifications/${flowId}/confirm`, body);

test('of a hundred wrong codes at once five are compared; the flow is locked once and says so once', async () => {
  const { flow_id, account_id, address_id, code } = await service.register();
  const wrong = { code: wrongCode(code) };
  const statuses = (await Promise.all(Array.from({ length: 100 }, () => confirm(flow_id, wrong)))).map((r) => r.status);
  expect(statuses.filter((status) => status === 422)).toHaveLength(5);
  expect(statuses.filter((status) => status === 409)).toHaveLength(95);
  const locked = (await service.eventsOf(account_id)).filter(({ type }) => type === 'verification.locked');
  expect(locked.map(({ data }) => data)).toEqual([{ flow_id, account_id, address_id, wrong_codes: 5 }]);
});

test('a locked flow refuses the right code and is still confirmed by the link', async () => {
  const { flow_id, code, token } = await service.register();
  for (let attempt = 0; attempt < 5; attempt += 1) await confirm(flow_id, { code: wrongCode(code) });
  const refused = await confirm(flow_id, { code });
  expect([refused.status, await refused.json()]).toMatchObject([409, { code: 'verification-locked' }]);
  expect((await confirm(flow_id, { token })).status).toBe(200);
});

test('another mail brings no new attempts', async () => {
  const { flow_id, email, code } = await service.register();
  for (let attempt = 0; attempt < 5; attempt += 1) await confirm(flow_id, { code: wrongCode(code) });
  await service.database.query('UPDATE verification_flow SET next_resend_at = now() WHERE id = $1', [flow_id]);
  await service.postJson(`/api/v1/email-verifications/${flow_id}/resend`);
  await service.mailTo(email, 2);
  expect((await confirm(flow_id, { code })).status).toBe(409);
});
