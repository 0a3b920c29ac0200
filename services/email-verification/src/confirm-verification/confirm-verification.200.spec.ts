import { startEmailVerification, wrongCode, type ServiceUnderTest } from '../email-verification.spec-support.ts';

let service: ServiceUnderTest;
beforeAll(async () => (service = await startEmailVerification('confirm-200')));
afterAll(() => service.close());

const confirm = (flowId: string, body: unknown) =>
  service.postJson(`/api/v1/email-verifications/${flowId}/confirm`, body);
const verifiedOf = async (accountId: string) =>
  (await service.eventsOf(accountId)).filter(({ type }) => type === 'email.verified').map(({ data }) => data);

test.each(['code', 'link'] as const)(
  'the %s of the mail confirms the address, and says so once by ids',
  async (method) => {
    const { flow_id, account_id, address_id, code, token } = await service.register();
    const response = await confirm(flow_id, method === 'code' ? { code } : { token });
    expect([response.status, await response.json()]).toEqual([200, { state: 'confirmed' }]);
    expect(await verifiedOf(account_id)).toEqual([{ flow_id, account_id, address_id, method }]);
  },
);

test('confirming again is a success that changes nothing', async () => {
  const { flow_id, account_id, code, token } = await service.register();
  await confirm(flow_id, { code });
  const before = await service.database.query('SELECT * FROM verification_flow WHERE id = $1', [flow_id]);
  for (const again of [{ code }, { token }, { code: wrongCode(code) }])
    expect((await confirm(flow_id, again)).status).toBe(200);
  expect(await service.database.query('SELECT * FROM verification_flow WHERE id = $1', [flow_id])).toEqual(before);
  expect(await verifiedOf(account_id)).toHaveLength(1);
});

test('a code is taken as people type it', async () => {
  const { flow_id, code } = await service.register();
  const typed = ` ${code.toLowerCase().replace('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')} `;
  expect((await confirm(flow_id, { code: typed })).status).toBe(200);
});

test('a hundred confirmations at once are one event', async () => {
  const { flow_id, account_id, code, token } = await service.register();
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) => confirm(flow_id, n % 2 ? { code } : { token })),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await verifiedOf(account_id)).toHaveLength(1);
});
