import { uuidv7 } from '@gatehouse/database';
import { credentialsOf, startEmailVerification, type ServiceUnderTest } from '../email-verification.spec-support.ts';

let service: ServiceUnderTest;
beforeAll(async () => (service = await startEmailVerification('resend-202')));
afterAll(() => service.close());

const resend = async (flowId: string) => {
  const response = await service.postJson(`/api/v1/email-verifications/${flowId}/resend`);
  return [response.status, await response.json()];
};
const accepted = [202, { status: 'accepted' }];
const endPause = (flowId: string) =>
  service.database.query('UPDATE verification_flow SET next_resend_at = now() WHERE id = $1', [flowId]);
const messagesOf = async (flowId: string) =>
  (await service.database.query('SELECT id FROM message WHERE flow_id = $1', [flowId])).length;

test('another mail carries another code, and the earlier one stays valid', async () => {
  const { flow_id, account_id, email, code } = await service.register();
  await endPause(flow_id);
  expect(await resend(flow_id)).toEqual(accepted);
  const second = credentialsOf(await service.mailTo(email, 2));
  expect(second.code).not.toBe(code);
  const confirmed = await service.postJson(`/api/v1/email-verifications/${flow_id}/confirm`, { code });
  expect(confirmed.status).toBe(200);
  const queued = (await service.eventsOf(account_id)).filter(({ type }) => type === 'mail.queued');
  expect(queued.map(({ data }) => data['cause'])).toEqual(['flow_requested', 'resend']);
});

test('too soon, for a confirmed flow and for an unknown one the answer is the same and no mail is queued', async () => {
  const [soon, confirmed] = [await service.register(), await service.register()];
  await service.postJson(`/api/v1/email-verifications/${confirmed.flow_id}/confirm`, { code: confirmed.code });
  await endPause(confirmed.flow_id);
  for (const flowId of [soon.flow_id, confirmed.flow_id, uuidv7()]) expect(await resend(flowId)).toEqual(accepted);
  expect([await messagesOf(soon.flow_id), await messagesOf(confirmed.flow_id)]).toEqual([1, 1]);
});

test('of many requests at once one is granted', async () => {
  const { flow_id } = await service.register();
  await endPause(flow_id);
  await Promise.all(Array.from({ length: 20 }, () => resend(flow_id)));
  expect(await messagesOf(flow_id)).toBe(2);
});
