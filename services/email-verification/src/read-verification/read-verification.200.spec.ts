import { uuidv7 } from '@gatehouse/database';
import { startEmailVerification, wrongCode, type ServiceUnderTest } from '../email-verification.spec-support.ts';

let service: ServiceUnderTest;
beforeAll(async () => (service = await startEmailVerification('read-200')));
afterAll(() => service.close());

const path = (flowId: string) => `/api/v1/email-verifications/${flowId}`;
const state = async (flowId: string) => (await service.get(path(flowId))).json();

test('a flow is pending, before its command has come too', async () => {
  const { flow_id } = await service.register();
  expect([await state(flow_id), await state(uuidv7())]).toEqual([{ state: 'pending' }, { state: 'pending' }]);
});

test('a flow is confirmed once it was', async () => {
  const { flow_id, code } = await service.register();
  await service.postJson(`${path(flow_id)}/confirm`, { code });
  expect(await state(flow_id)).toEqual({ state: 'confirmed' });
});

test('a flow is locked after five wrong codes, and expired after its time', async () => {
  const { flow_id, code } = await service.register();
  for (let attempt = 0; attempt < 5; attempt += 1)
    await service.postJson(`${path(flow_id)}/confirm`, { code: wrongCode(code) });
  expect(await state(flow_id)).toEqual({ state: 'locked' });
  await service.database.query('UPDATE message SET expires_at = now() WHERE flow_id = $1', [flow_id]);
  expect(await state(flow_id)).toEqual({ state: 'expired' });
});

test('a flow for a known address is answered like any other', async () => {
  const known = await service.request({ purpose: 'already-registered' });
  const { flow_id } = await service.register();
  await service.mailTo(known.email);
  expect(await state(known.flow_id)).toEqual(await state(flow_id));
});
