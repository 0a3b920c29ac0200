import { uuidv7 } from '@gatehouse/database';
import { startEmailVerification, wrongCode, type ServiceUnderTest } from '../email-verification.spec-support.ts';

let service: ServiceUnderTest;
beforeAll(async () => (service = await startEmailVerification('confirm-422')));
afterAll(() => service.close());

const confirm = (flowId: string, body: unknown) =>
  service.postJson(`/api/v1/email-verifications/${flowId}/confirm`, body);
/** What a caller can see of an answer, the request's own id aside. */
async function visible(response: Response) {
  const { request_id, ...body } = (await response.json()) as Record<string, unknown>;
  const headers = [...response.headers].filter(([name]) => !['x-request-id', 'date'].includes(name));
  return { status: response.status, body, headers, hasRequestId: typeof request_id };
}

test('a wrong code and an unknown flow are answered alike', async () => {
  const { flow_id, code } = await service.register();
  const known = await visible(await confirm(flow_id, { code: wrongCode(code) }));
  expect(known).toMatchObject({ status: 422, body: { code: 'verification-invalid' } });
  expect(await visible(await confirm(uuidv7(), { code }))).toEqual(known);
});

test('a wrong link and an unknown flow are answered alike, and a wrong link costs no attempt', async () => {
  const { flow_id, token, code } = await service.register();
  const wrong = `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`;
  const known = await visible(await confirm(flow_id, { token: wrong }));
  expect(known).toMatchObject({ status: 422, body: { code: 'verification-invalid' } });
  expect(await visible(await confirm(uuidv7(), { token }))).toEqual(known);
  for (let attempt = 0; attempt < 10; attempt += 1) await confirm(flow_id, { token: wrong });
  expect((await confirm(flow_id, { code })).status).toBe(200);
});

test('for a known address wrong codes are counted and lock, though there is nothing to guess', async () => {
  const { flow_id, email } = await service.request({ purpose: 'already-registered' });
  await service.mailTo(email);
  const statuses = [];
  for (let attempt = 0; attempt < 6; attempt += 1) statuses.push((await confirm(flow_id, { code: '00000000' })).status);
  expect(statuses).toEqual([422, 422, 422, 422, 422, 409]);
});

test('the code of one flow does not confirm another', async () => {
  const [mine, other] = [await service.register(), await service.register()];
  expect((await confirm(other.flow_id, { code: mine.code })).status).toBe(422);
  expect((await confirm(other.flow_id, { token: mine.token })).status).toBe(422);
});
