import { Secret } from '@gatehouse/config';
import { FaultProxy, SmtpSink } from '@gatehouse/testing';
import { DeliveryFailed } from './mailer.ts';
import { SmtpMailer } from './smtp-mailer.ts';

let sink: SmtpSink;
let mailer: SmtpMailer;
const TIMEOUT_MS = 300;

beforeAll(async () => (sink = await SmtpSink.start()));
beforeEach(() => (mailer = mailerTo(sink.url)));
afterEach(() => {
  mailer.close();
  sink.behave();
  sink.clear();
});
afterAll(() => sink.stop());

function mailerTo(url: string): SmtpMailer {
  const from = 'Gatehouse <no-reply@mail.example.com>';
  return new SmtpMailer({ url: new Secret(url), from, connections: 2, timeoutMs: TIMEOUT_MS });
}

const mail = { id: '0198f0c1', to: 'ada@example.com', subject: 'Hello', text: 'text part', html: '<p>HTML part</p>' };

async function failureOf(work: Promise<void>): Promise<DeliveryFailed> {
  const error: unknown = await work.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (error instanceof DeliveryFailed) return error;
  throw new Error(`it should have failed with DeliveryFailed, not ${String(error)}`);
}

test('a mail has both parts, its Message-ID of the sender domain, and says that a machine sent it', async () => {
  await mailer.send(mail);
  expect(sink.mails).toMatchObject([
    { from: 'no-reply@mail.example.com', to: ['ada@example.com'], messageId: '<0198f0c1@mail.example.com>' },
  ]);
  const [received] = sink.mails;
  expect([received?.text.trim(), received?.html.trim()]).toEqual(['text part', '<p>HTML part</p>']);
  expect(received?.header('auto-submitted')).toBe('auto-generated');
});

test.each([450, 550])('a refusal of the recipient is told apart by its reply: %i', async (reply) => {
  sink.misbehave({ recipient: reply });
  expect((await failureOf(mailer.send(mail))).failure).toEqual({ command: 'RCPT TO', reply });
});

test('a refusal of the message is told apart from one of the recipient', async () => {
  sink.misbehave({ message: 554 });
  expect((await failureOf(mailer.send(mail))).failure).toEqual({ command: 'DATA', reply: 554 });
});

test('a refused mail leaves the connections usable', async () => {
  sink.misbehave({ recipient: 550, recipients: ['poison@example.com'] });
  await failureOf(mailer.send({ ...mail, to: 'poison@example.com' }));
  await mailer.send(mail);
  expect(sink.mails).toHaveLength(1);
});

test.each(['hang', 'drop'] as const)(
  'a server that takes the mail and then does %s leaves it unclear, and the mail is not sent again by itself',
  async (afterData) => {
    sink.misbehave({ afterData });
    const { failure } = await failureOf(mailer.send(mail));
    expect(failure.reply).toBeUndefined();
    await mailer.greet();
    expect(sink.mails).toHaveLength(1);
  },
);

test('a server that is away, closing or silent has no reply about a recipient', async () => {
  sink.misbehave({ connect: 421 });
  expect((await failureOf(mailer.send(mail))).failure.command).not.toBe('RCPT TO');
  await expect(mailer.greet()).rejects.toThrow(DeliveryFailed);
  sink.behave();
  await sink.stop();
  expect((await failureOf(mailer.send(mail))).failure.reply).toBeUndefined();
  await sink.resume();
});

test('no dialogue outlasts the deadline, even with a server that answers every command at the last moment', async () => {
  const { port } = new URL(sink.url);
  const proxy = await FaultProxy.start({ port: Number(port) });
  // Below the limit of a single answer, so that only the deadline of the whole can end it.
  proxy.delay(TIMEOUT_MS * 0.6);
  const slow = mailerTo(`smtp://127.0.0.1:${proxy.port}`);
  const startedAt = performance.now();
  await slow.send(mail).catch(() => undefined);
  expect(performance.now() - startedAt).toBeLessThan(slow.deadlineMs + 200);
  proxy.halfOpen();
  await failureOf(slow.send(mail));
  expect(performance.now() - startedAt).toBeLessThan(2 * slow.deadlineMs + 400);
  slow.close();
  await proxy.stop();
});

test("a failure repeats neither the recipient's address nor the server's words", async () => {
  sink.misbehave({ recipient: 550 });
  const error = await failureOf(mailer.send(mail));
  expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toMatch(/ada|refused on order/);
  expect(error.message).toBe('EENVELOPE RCPT TO 550');
});

test.each(['ada@example.com, eve@example.com', 'ada@example.com\r\nBcc: eve@example.com', '"a@x"@example.com, b@y.z'])(
  'an address that is none reaches nobody else: %j',
  async (to) => {
    await mailer.send({ ...mail, to }).catch(() => undefined);
    expect(sink.attempts.filter((address) => /^(eve|b)@/.test(address))).toEqual([]);
    expect(sink.mails.map((received) => received.header('bcc'))).not.toContain('eve@example.com');
  },
);
