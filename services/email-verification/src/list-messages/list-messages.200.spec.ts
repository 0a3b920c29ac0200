import type { OutputOf, listMessages } from '@gatehouse/contracts';
import { eventually } from '@gatehouse/testing';
import { startEmailVerification, type ServiceUnderTest } from '../email-verification.spec-support.ts';
import { PermissionStub } from './list-messages.spec-support.ts';

let service: ServiceUnderTest;
let permissions: PermissionStub;
beforeAll(async () => {
  permissions = await PermissionStub.start('operator');
  service = await startEmailVerification('messages-200', { AUTHORIZATION_URL: permissions.url });
});
afterAll(async () => {
  await service.close();
  await permissions.stop();
});

type Listed = OutputOf<typeof listMessages>;
async function list(query = ''): Promise<Listed> {
  const token = await service.issuer.token({ audience: service.suite.url('email-verification'), subject: 'operator' });
  const response = await service.get(`/api/v1/messages${query}`, { authorization: `Bearer ${token}` });
  expect(response.status).toBe(200);
  return (await response.json()) as Listed;
}

test("an operator sees each mail's fate by ids, and no address", async () => {
  service.suite.smtp.misbehave({ recipient: 550, recipients: ['gone@example.com'] });
  const failed = await service.request({ email: 'gone@example.com' });
  const { flow_id, account_id, address_id, email } = await service.register();
  await eventually(async () => expect((await list('?state=failed')).items).toHaveLength(1), { within: '20s' });
  await eventually(async () => expect((await list('?state=sent')).items).toHaveLength(1), { within: '20s' });
  const { items, next_cursor } = await list();
  expect(next_cursor).toBeNull();
  expect(items.find((item) => item.flow_id === flow_id)).toMatchObject({
    account_id,
    address_id,
    purpose: 'registration',
    state: 'sent',
    attempts: 1,
    last_reply: null,
    next_attempt_at: null,
  });
  expect(items.find((item) => item.flow_id === failed.flow_id)).toMatchObject({ state: 'failed', last_reply: 550 });
  expect(JSON.stringify(items)).not.toMatch(new RegExp(`${email}|gone@|@example`));
});

test('pages follow each other without a gap or a repetition', async () => {
  for (let n = 0; n < 5; n += 1) await service.register();
  const all = (await list()).items.map(({ id }) => id);
  const paged: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { items, next_cursor } = await list(`?limit=2${cursor && `&cursor=${cursor}`}`);
    paged.push(...items.map(({ id }) => id));
    cursor = next_cursor;
  }
  expect(paged).toEqual(all);
});
