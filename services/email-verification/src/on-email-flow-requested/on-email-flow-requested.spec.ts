import { uuidv7 } from '@gatehouse/database';
import { eventually } from '@gatehouse/testing';
import { startEmailVerification, type ServiceUnderTest } from '../email-verification.spec-support.ts';

let service: ServiceUnderTest;
beforeAll(async () => (service = await startEmailVerification('flow-requested')));
afterAll(() => service.close());

const flowsOf = (accountId: string) =>
  service.database.query('SELECT id, purpose, email FROM verification_flow WHERE account_id = $1', [accountId]);
const settled = (accountId: string) =>
  eventually(async () => expect((await service.eventsOf(accountId)).at(-1)?.type).toBe('mail.sent'), { within: '20s' });

test('a registration gets one mail with a code and a link', async () => {
  const { flow_id, account_id, address_id, email } = await service.request();
  const mail = await service.mailTo(email);
  expect(mail.to).toEqual([email]);
  expect(mail.subject).toBe('Confirm your e-mail address');
  for (const part of [mail.text, mail.html]) {
    expect(part).toMatch(/\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/);
    expect(part).toContain(`${service.suite.url('email-verification')}/verify/${flow_id}/`);
  }
  await settled(account_id);
  const events = await service.eventsOf(account_id);
  const ids = { flow_id, account_id, address_id, message_id: events[0]?.data['message_id'] };
  expect(events.map(({ type, data }) => [type, data])).toEqual([
    ['mail.queued', { ...ids, purpose: 'registration', cause: 'flow_requested' }],
    ['mail.sent', { ...ids, attempts: 1 }],
  ]);
  expect(mail.messageId).toBe(`<${String(ids.message_id)}@gatehouse.test>`);
});

test('the owner of a known address gets a mail that carries no credential', async () => {
  const { flow_id, account_id, email } = await service.request({ purpose: 'already-registered' });
  const mail = await service.mailTo(email);
  expect(mail.subject).toBe('You have an account already');
  expect(mail.text + mail.html).not.toMatch(/\/verify\/|\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/);
  await settled(account_id);
  expect(await service.database.query('SELECT FROM challenge WHERE flow_id = $1', [flow_id])).toEqual([]);
});

test('a command that is delivered twice, or repeated under another event id, is one flow and one mail', async () => {
  const eventId = uuidv7();
  const flow = await service.request({}, { eventId });
  await service.request(flow, { eventId });
  await service.request(flow);
  const last = await service.request({ account_id: flow.account_id });
  await service.mailTo(last.email);
  expect(await flowsOf(flow.account_id)).toHaveLength(2);
  expect(service.suite.smtp.mailsTo(flow.email)).toHaveLength(1);
});

test('a command that is none parks its key and holds up nobody else', async () => {
  const poison = await service.request({ email: 'a@example.com, b@example.com' });
  const { email } = await service.register();
  await eventually(
    async () => {
      const parked = await service.database.query('SELECT key FROM parked_message WHERE key = $1', [poison.account_id]);
      expect(parked).toHaveLength(1);
    },
    { within: '20s' },
  );
  expect(await flowsOf(poison.account_id)).toEqual([]);
  expect(service.suite.smtp.attempts).toContain(email);
  expect(service.suite.smtp.attempts.filter((address) => /^[ab]@/.test(address))).toEqual([]);
});

test('no event of this service holds an address', async () => {
  const { account_id, email } = await service.request();
  await settled(account_id);
  const rows = await service.database.query('SELECT o::text AS row FROM outbox o WHERE o::text ILIKE $1', [
    `%${email}%`,
  ]);
  expect(rows).toEqual([]);
  // Control: the same search finds an id that is there.
  const found = await service.database.query('SELECT o::text FROM outbox o WHERE o::text ILIKE $1', [
    `%${account_id}%`,
  ]);
  expect(found.length).toBeGreaterThan(0);
});
