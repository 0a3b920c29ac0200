import { uuidv7 } from '@gatehouse/database';
import { eventually } from '@gatehouse/testing';
import { startEmailVerification, wrongCode, type ServiceUnderTest } from '../email-verification.spec-support.ts';

let service: ServiceUnderTest;
beforeAll(async () => (service = await startEmailVerification('verification-pages')));
afterAll(() => service.close());

const path = ({ link }: { link: string }) => new URL(link).pathname;
const page = async (response: Response) => {
  const text = await response.text();
  return { status: response.status, title: /<h1>(.*?)<\/h1>/.exec(text)?.[1] ?? '', text };
};

/** Everything that the service keeps, so that "nothing changed" means nothing. */
async function everything(): Promise<unknown> {
  const tables = ['verification_flow', 'message', 'challenge', 'outbox', 'inbox'];
  return Promise.all(tables.map((table) => service.database.query(`SELECT * FROM ${table} ORDER BY 1, 2`)));
}

test('opening the link changes nothing, however often and by whatever scanner; pressing the button does', async () => {
  const registration = await service.register();
  const sent = async () =>
    expect((await service.eventsOf(registration.account_id)).map(({ type }) => type)).toContain('mail.sent');
  await eventually(sent, { within: '20s' });
  const before = await everything();
  const scanners: Record<string, string>[] = [
    { 'sec-purpose': 'prefetch' },
    { 'user-agent': 'LinkScanner/1.0' },
    { purpose: 'prefetch' },
    {},
  ];
  for (const headers of scanners) {
    const opened = await page(await service.get(path(registration), headers));
    expect(opened).toMatchObject({ status: 200, title: 'Confirm your e-mail address' });
  }
  for (const method of ['HEAD', 'OPTIONS', 'PUT', 'DELETE']) await fetch(service.url + path(registration), { method });
  await service.get(`/verify/${registration.flow_id}`);
  await service.get(`/api/v1/email-verifications/${registration.flow_id}`);
  expect(await everything()).toEqual(before);
  // Control: the same comparison sees the change that the button makes.
  await service.postForm(path(registration));
  expect(await everything()).not.toEqual(before);
});

test('the button of the link confirms, and pressing it again shows the same page', async () => {
  const registration = await service.register();
  for (let press = 0; press < 2; press += 1) {
    const confirmed = await page(await service.postForm(path(registration)));
    expect(confirmed).toMatchObject({ status: 200, title: 'Your e-mail address is confirmed' });
  }
  const opened = await page(await service.get(path(registration)));
  expect(opened.title).toBe('Your e-mail address is confirmed');
  const events = await service.eventsOf(registration.account_id);
  expect(events.filter(({ type }) => type === 'email.verified')).toHaveLength(1);
});

test('no page is kept, referred from, framed or scripted', async () => {
  const registration = await service.register();
  for (const at of [path(registration), `/verify/${registration.flow_id}`]) {
    const response = await service.get(at);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    const policy = response.headers.get('content-security-policy');
    for (const rule of ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"])
      expect(policy).toContain(rule);
    expect((await response.text()).match(/<script|\son\w+=|https?:\/\//g)).toBeNull();
  }
});

test('the code is typed on a page, and a wrong one shows the form again', async () => {
  const { flow_id, code } = await service.register();
  const at = `/verify/${flow_id}`;
  expect(await page(await service.get(at))).toMatchObject({ status: 200, title: 'Confirm your e-mail address' });
  const wrong = await page(await service.postForm(at, { code: wrongCode(code) }));
  expect(wrong.status).toBe(422);
  expect(wrong.text).toContain('This code is not valid.');
  expect(wrong.text).toContain('name="code"');
  const right = await page(await service.postForm(at, { code: code.toLowerCase() }));
  expect(right).toMatchObject({ status: 200, title: 'Your e-mail address is confirmed' });
});

test.each(['', 'abc', 'x'.repeat(64)])('input that is no code costs no attempt: %j', async (typed) => {
  const { flow_id } = await service.register();
  const answer = await page(await service.postForm(`/verify/${flow_id}`, { code: typed }));
  expect(answer.status).toBe(400);
  const flows = await service.database.query('SELECT wrong_codes FROM verification_flow WHERE id = $1', [flow_id]);
  expect(flows).toEqual([{ wrong_codes: 0 }]);
});

test('a locked flow says that the link is left, and its link works', async () => {
  const registration = await service.register();
  const at = `/verify/${registration.flow_id}`;
  for (let attempt = 0; attempt < 5; attempt += 1) await service.postForm(at, { code: wrongCode(registration.code) });
  expect(await page(await service.postForm(at, { code: registration.code }))).toMatchObject({ status: 409 });
  expect(await page(await service.get(at))).toMatchObject({ status: 409, title: 'Too many wrong codes' });
  expect(await page(await service.get(path(registration)))).toMatchObject({ status: 200 });
  expect(await page(await service.postForm(path(registration)))).toMatchObject({ status: 200 });
});

test('after its time both pages say so and confirm nothing', async () => {
  const registration = await service.register();
  const at = `/verify/${registration.flow_id}`;
  await service.database.query('UPDATE message SET expires_at = now() WHERE flow_id = $1', [registration.flow_id]);
  for (const response of [
    await service.get(path(registration)),
    await service.postForm(path(registration)),
    await service.get(at),
    await service.postForm(at, { code: registration.code }),
  ])
    expect(response.status).toBe(410);
});

test('a link of an unknown flow opens the same page as a known one, and its button confirms nothing', async () => {
  const { token, link } = await service.register();
  const unknown = `/verify/${uuidv7()}/${token}`;
  expect(await page(await service.get(unknown))).toEqual(await page(await service.get(path({ link }))));
  expect(await page(await service.postForm(unknown))).toMatchObject({ status: 422, title: 'The link is not valid' });
});

test('the code page of an unknown flow looks like that of a known one', async () => {
  const { flow_id } = await service.register();
  const unknown = uuidv7();
  const [known, other] = [await page(await service.get(`/verify/${flow_id}`)), await page(await service.get(`/verify/${unknown}`))]; // prettier-ignore
  expect(other.text.replaceAll(unknown, flow_id)).toBe(known.text);
});

test('a link that is cut off, and a flow id that is none, are a page and not a fault', async () => {
  const { flow_id, token } = await service.register();
  for (const at of [`/verify/${flow_id}/${token.slice(1)}`, `/verify/x/${token}`, '/verify/x']) {
    const response = await service.get(at);
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8']);
  }
});

test('another mail can be asked for from the page', async () => {
  const { flow_id, email } = await service.register();
  await service.database.query('UPDATE verification_flow SET next_resend_at = now() WHERE id = $1', [flow_id]);
  const answer = await page(await service.postForm(`/verify/${flow_id}/resend`));
  expect(answer).toMatchObject({ status: 200, title: 'Look into your mailbox' });
  await service.mailTo(email, 2);
});
