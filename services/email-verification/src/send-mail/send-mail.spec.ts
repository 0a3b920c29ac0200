import { eventually, type ReceivedMail } from '@gatehouse/testing';
import { credentialsOf, startEmailVerification, type ServiceUnderTest } from '../email-verification.spec-support.ts';

let service: ServiceUnderTest;

beforeAll(async () => {
  service = await startEmailVerification('send-mail');
});
afterEach(() => {
  service.suite.smtp.behave();
});
afterAll(() => service.close());

interface Fate {
  readonly state: string;
  readonly attempts: number;
  readonly failures: number;
  readonly last_reply: number | null;
}
async function fateOf(flowId: string): Promise<Fate | undefined> {
  const [fate] = await service.database.query<Fate>(
    'SELECT state, attempts, failures, last_reply FROM message WHERE flow_id = $1',
    [flowId],
  );
  return fate;
}
const fate = (flowId: string, expected: Partial<Fate>) =>
  eventually(async () => expect(await fateOf(flowId)).toMatchObject(expected), { within: '20s' });
const outcomesOf = async (accountId: string) =>
  (await service.eventsOf(accountId)).slice(1).map(({ type, data }) => [type, data['attempts'], data['reply']]);

/** What has to hold for a reader who gets a mail twice: it is one mail. */
function sameMail(one: ReceivedMail, other: ReceivedMail): boolean {
  const [a, b] = [credentialsOf(one), credentialsOf(other)];
  return one.messageId === other.messageId && a.code === b.code && a.link === b.link;
}

test('a temporary refusal is tried again until the server takes the mail', async () => {
  const { smtp } = service.suite;
  smtp.misbehave({ recipient: 450 });
  const { flow_id, account_id, email } = await service.request();
  await eventually(async () => expect((await fateOf(flow_id))?.failures).toBeGreaterThan(1), { within: '20s' });
  expect(smtp.mailsTo(email)).toEqual([]);
  smtp.behave();
  await service.mailTo(email);
  await fate(flow_id, { state: 'sent', last_reply: 450 });
  expect(await outcomesOf(account_id)).toMatchObject([['mail.sent', expect.any(Number), undefined]]);
});

test('a permanent refusal ends the message and says so by ids and reply', async () => {
  const { smtp } = service.suite;
  smtp.misbehave({ recipient: 550, recipients: ['nobody@example.com'] });
  const { flow_id, account_id } = await service.request({ email: 'nobody@example.com' });
  await fate(flow_id, { state: 'failed', attempts: 1, last_reply: 550 });
  expect(await outcomesOf(account_id)).toEqual([['mail.failed', 1, 550]]);
  expect(smtp.attempts.filter((address) => address === 'nobody@example.com')).toHaveLength(1);
});

test('poison addresses hold up nobody else', async () => {
  const { smtp } = service.suite;
  const poison = Array.from({ length: 30 }, (_, n) => `poison-${n}@example.com`);
  smtp.misbehave({ recipient: 451, recipients: poison });
  await Promise.all(poison.map((email) => service.request({ email })));
  const others = await Promise.all(Array.from({ length: 10 }, () => service.request()));
  await Promise.all(others.map(({ email }) => service.mailTo(email)));
  for (const email of poison) expect(smtp.mailsTo(email)).toEqual([]);
  smtp.behave();
  await Promise.all(poison.map((email) => service.mailTo(email)));
});

test('while the mail server is away no message is lost, failed or charged with it', async () => {
  const { smtp } = service.suite;
  await smtp.stop();
  const flows = await Promise.all(Array.from({ length: 20 }, () => service.request()));
  await eventually(async () => expect(await Promise.all(flows.map(({ flow_id }) => fateOf(flow_id)))).not.toContain(undefined), { within: '20s' }); // prettier-ignore
  await eventually(() => health('smtp').then((status) => expect(status).toBe(503)), { within: '20s' });
  for (const { flow_id } of flows) expect(await fateOf(flow_id)).toMatchObject({ state: 'queued', failures: 0 });
  await smtp.resume();
  await Promise.all(flows.map(({ email }) => service.mailTo(email)));
  for (const { flow_id } of flows) await fate(flow_id, { state: 'sent', failures: 0 });
  expect(new Set(smtp.mails.map(({ messageId }) => messageId)).size).toBe(smtp.mails.length);
});

test('a server that closes with 421 counts as away, and as back when it greets', async () => {
  const { smtp } = service.suite;
  smtp.misbehave({ connect: 421 });
  // Connections that were open before are not greeted again.
  await smtp.stop();
  await smtp.resume();
  const { flow_id, email } = await service.request();
  await fate(flow_id, { state: 'queued', failures: 0 });
  smtp.behave();
  await service.mailTo(email);
});

test.each(['hang', 'drop'] as const)(
  'a server that takes the mail and then does %s gets it again as the same mail: Message-ID, code and link',
  async (afterData) => {
    const { smtp } = service.suite;
    smtp.misbehave({ afterData });
    const { flow_id, email } = await service.request();
    await service.mailTo(email);
    smtp.behave();
    const second = await service.mailTo(email, 2);
    await fate(flow_id, { state: 'sent' });
    const mails = smtp.mailsTo(email);
    expect(mails.filter(({ acknowledged }) => acknowledged)).toHaveLength(1);
    for (const mail of mails) expect(sameMail(mail, second)).toBe(true);
    // Control: the comparison tells two mails apart.
    const other = await service.request();
    expect(sameMail(await service.mailTo(other.email), second)).toBe(false);
  },
);

test('a mail whose time is over before any server took it is given up, with its last reply', async () => {
  service.suite.smtp.misbehave({ recipient: 452 });
  const { flow_id, account_id } = await service.request();
  await eventually(async () => expect((await fateOf(flow_id))?.failures).toBeGreaterThan(0), { within: '20s' });
  await service.database.query('UPDATE message SET expires_at = now() WHERE flow_id = $1', [flow_id]);
  await fate(flow_id, { state: 'failed', last_reply: 452 });
  const [, failed] = await service.eventsOf(account_id);
  expect(failed).toMatchObject({ type: 'mail.failed', data: { reason: 'expired', reply: 452 } });
});

test('the life of a code counts from the moment the server took the mail', async () => {
  const { flow_id } = await service.register();
  await fate(flow_id, { state: 'sent' });
  const [message] = await service.database.query<{ life: number }>(
    'SELECT extract(epoch FROM expires_at - ended_at)::integer AS life FROM message WHERE flow_id = $1',
    [flow_id],
  );
  expect(message).toEqual({ life: 86_400 });
});

test('no transaction is open while the mail server is silent', async () => {
  const { smtp } = service.suite;
  smtp.misbehave({ afterData: 'hang' });
  const { email } = await service.request();
  await service.mailTo(email);
  const open = await service.database.query(
    `SELECT state, query FROM pg_stat_activity
     WHERE datname = current_database() AND application_name <> 'spec' AND xact_start IS NOT NULL AND backend_xid IS NOT NULL`,
  );
  expect(open).toEqual([]);
});

async function health(part: string): Promise<number> {
  return (await fetch(`${service.service.adminUrl}/health/components/${part}`)).status;
}
