import { once } from 'node:events';
import { connect } from 'node:net';
import { createTransport } from 'nodemailer';
import { SmtpSink } from './smtp-sink.ts';

let sink: SmtpSink;
beforeAll(async () => (sink = await SmtpSink.start()));
afterEach(() => {
  sink.behave();
  sink.clear();
});
afterAll(() => sink.stop());

const mail = {
  from: 'Gatehouse <gatehouse@example.com>',
  to: 'ada@example.com',
  subject: 'Grüße',
  text: 'Hello Ada',
  html: '<p>Hello Ada</p>',
  messageId: '<1@example.com>',
  headers: { 'Auto-Submitted': 'auto-generated' },
};

function send(to = mail.to) {
  const transport = createTransport({ url: sink.url, socketTimeout: 300, greetingTimeout: 300 });
  return transport.sendMail({ ...mail, to }).finally(() => transport.close());
}

test('a mail is kept with its envelope, its parts and its headers', async () => {
  await send();
  expect(sink.mailsTo('ada@example.com')).toMatchObject([
    {
      from: 'gatehouse@example.com',
      to: ['ada@example.com'],
      subject: 'Grüße',
      messageId: '<1@example.com>',
      acknowledged: true,
    },
  ]);
  const [received] = sink.mails;
  expect(received?.text).toContain('Hello Ada');
  expect(received?.html).toContain('<p>Hello Ada</p>');
  expect(received?.header('auto-submitted')).toBe('auto-generated');
});

test('421 at connect refuses every client', async () => {
  sink.misbehave({ connect: 421 });
  await expect(send()).rejects.toMatchObject({ responseCode: 421 });
});

test.each([450, 550])('%i at RCPT refuses the named recipients only', async (code) => {
  sink.misbehave({ recipient: code, recipients: ['poison@example.com'] });
  await expect(send('poison@example.com')).rejects.toMatchObject({ responseCode: code, command: 'RCPT TO' });
  await send();
  expect(sink.attempts).toEqual(['poison@example.com', 'ada@example.com']);
  expect(sink.mails).toHaveLength(1);
});

test('a refusal after the final dot keeps no mail', async () => {
  sink.misbehave({ message: 451 });
  await expect(send()).rejects.toMatchObject({ responseCode: 451, command: 'DATA' });
  expect(sink.mails).toEqual([]);
});

test.each(['hang', 'drop'] as const)(
  'after DATA it can %s: the mail is there and the client does not know',
  async (afterData) => {
    sink.misbehave({ afterData });
    await expect(send()).rejects.toThrow();
    expect(sink.mails).toMatchObject([{ acknowledged: false }]);
  },
);

test('an answer can be held back until the server behaves', async () => {
  sink.misbehave({ afterData: 'hold' });
  const sending = send();
  while (sink.mails.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(sink.mails).toMatchObject([{ acknowledged: false }]);
  sink.behave();
  await sending;
  expect(sink.mails).toMatchObject([{ acknowledged: true }]);
});

test('the server can go away and come back on the same port', async () => {
  const { url } = sink;
  await sink.stop();
  await expect(send()).rejects.toMatchObject({ code: 'ESOCKET' });
  await sink.resume();
  expect(sink.url).toBe(url);
  await send();
  expect(sink.mails).toHaveLength(1);
});

test('a client that dies within its message leaves no mail, and the server goes on', async () => {
  const client = connect(Number(new URL(sink.url).port), '127.0.0.1');
  for (const line of ['HELO x', 'MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.com>', 'DATA', 'half a mes']) {
    await once(client, 'data');
    client.write(`${line}\r\n`);
  }
  client.destroy();
  await once(client, 'close');
  await send();
  expect(sink.mails).toHaveLength(1);
});
