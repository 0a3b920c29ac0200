import { hiddenFields, locationOf, TestBrowser } from '../../browser.spec-support.ts';
import { DeviceAuthorizations } from '../../store/device-authorizations.ts';
import { WrongUserCodes } from '../../store/wrong-user-codes.ts';
import { refusalOf, TokenHarness, tokensOf } from '../../token.spec-support.ts';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const BOX = { id: 'box', secret: 'b'.repeat(43) };
let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('device-code');
  const common = { grant_types: [DEVICE_GRANT, 'refresh_token'], scopes: ['openid', 'email'] };
  await token.seed({
    clients: [
      { ...common, id: 'tv', token_endpoint_auth_method: 'none' },
      { ...common, id: 'box', secret: BOX.secret, first_party: false },
    ],
  });
}, 60_000);
afterEach(() => token.sql('DELETE FROM wrong_user_code'));
afterAll(() => token.stop());

interface Codes {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
}
async function start(changes: Record<string, string> = {}): Promise<Codes> {
  const form = { client_id: 'tv', scope: 'openid email', ...changes };
  const response = await token.postForm('/oauth/device_authorization', form);
  expect(response.status).toBe(200);
  return (await response.json()) as Codes;
}
const poll = (deviceCode: string, clientId = 'tv') =>
  token.postForm('/oauth/token', { grant_type: DEVICE_GRANT, device_code: deviceCode, client_id: clientId });
/** As if the device had waited its interval. */
const wait = () => token.sql("UPDATE device_authorization SET polled_at = polled_at - interval '1 hour'");

async function enter(browser: TestBrowser, userCode: string): Promise<Response> {
  const page = await (await browser.get('/device')).text();
  return browser.submit(page, { user_code: userCode });
}

/** From the code over the login to the question, as a person does it. */
async function asked(userCode: string, account?: { email: string; password: string }) {
  const { email, password } = account ?? (await token.account());
  const browser = new TestBrowser(token.issuer);
  const login = locationOf(await enter(browser, userCode));
  expect(login.pathname).toBe('/login');
  const page = await (await browser.get(login.href)).text();
  const question = locationOf(await browser.submit(page, { email, password }));
  expect(question.pathname).toBe('/consent');
  return { browser, question, page: await (await browser.get(question.href)).text() };
}

async function decide(userCode: string, decision: 'allow' | 'deny', account?: { email: string; password: string }) {
  const { browser, page } = await asked(userCode, account);
  return browser.submit(page, { decision });
}

async function grantOf({ user_code }: Codes): Promise<string> {
  const [row] = await token.sql<{ id: string }>(
    'SELECT grant_id AS id FROM device_authorization WHERE user_code = $1',
    [user_code.replace('-', '')],
  );
  return row?.id ?? '';
}

describe('the codes', () => {
  test('are answered as RFC 8628 3.2 says; of the device code only a hash is stored', async () => {
    const response = await token.postForm('/oauth/device_authorization', { client_id: 'tv', scope: 'openid' });
    expect(response.headers.get('cache-control')).toBe('no-store');
    const codes = (await response.json()) as Codes;
    expect(codes).toEqual({
      device_code: expect.stringMatching(/^gh_device_[\w-]{43}$/) as string,
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/) as string,
      verification_uri: `${token.issuer}/device`,
      verification_uri_complete: `${token.issuer}/device?user_code=${codes.user_code}`,
      expires_in: 600,
      interval: 5,
    });
    const rows = await token.sql<{ row: string }>('SELECT d::text AS row FROM device_authorization d');
    expect(JSON.stringify(rows)).not.toContain(codes.device_code);
    const published = await token.events({ type: 'device-authorization.requested', key: await grantOf(codes) });
    expect(published.map(({ data }) => data)).toEqual([
      expect.objectContaining({ client_id: 'tv', scope: ['openid'] }),
    ]);
    expect(JSON.stringify(published)).not.toContain(codes.user_code.replace('-', ''));
  });

  test('are for clients that are registered for the grant, prove who they are, and ask for what is theirs', async () => {
    const ask = async (form: Record<string, string>, client?: { id: string; secret: string }) =>
      refusalOf(await token.postForm('/oauth/device_authorization', form, client));
    expect(await ask({}, token.client('demo'))).toEqual([400, 'unauthorized_client']);
    expect(await ask({ client_id: 'box' })).toEqual([401, 'invalid_client']);
    expect(await ask({ scope: 'openid admin' }, BOX)).toEqual([400, 'invalid_scope']);
    expect(await ask({ resource: 'https://evil.example' }, BOX)).toEqual([400, 'invalid_target']);
  });
});

describe('the device', () => {
  test('waits until the person allows it, then gets its tokens; all of it is published under the grant', async () => {
    const codes = await start();
    expect(await refusalOf(await poll(codes.device_code))).toEqual([400, 'authorization_pending']);
    const account = await token.account();
    const done = await decide(codes.user_code, 'allow', account);
    expect(done.status).toBe(200);
    expect(await done.text()).toContain('go back to your device');
    await wait();
    const tokens = await tokensOf(await poll(codes.device_code));
    const grantId = await grantOf(codes);
    expect(tokens.claims).toMatchObject({ sub: account.id, client_id: 'tv', grant_id: grantId, scope: 'openid email' });
    expect(tokens.id_token).toBeDefined();
    expect((await token.me(tokens.access_token)).status).toBe(200);
    const refreshed = await token.postForm('/oauth/token', {
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
      client_id: 'tv',
    });
    expect(refreshed.status).toBe(200);
    const types = (await token.events({ key: grantId })).map(({ type }) => type);
    expect(types).toEqual([
      'device-authorization.requested',
      'device-authorization.approved',
      'grant.created',
      'grant.refreshed',
    ]);
  });

  test('is slowed down by five seconds for every question that comes too soon', async () => {
    const codes = await start();
    const interval = async () => {
      const rows = await token.sql<{ s: number }>(
        'SELECT interval_s AS s FROM device_authorization WHERE user_code = $1',
        [codes.user_code.replace('-', '')],
      );
      return rows[0]?.s;
    };
    const answers = [];
    for (let n = 0; n < 3; n += 1) answers.push(await refusalOf(await poll(codes.device_code)));
    expect(answers).toEqual([
      [400, 'authorization_pending'],
      [400, 'slow_down'],
      [400, 'slow_down'],
    ]);
    expect(await interval()).toBe(15);
    await wait();
    expect(await refusalOf(await poll(codes.device_code))).toEqual([400, 'authorization_pending']);
  });

  test('is told that the person said no, once and for all', async () => {
    const codes = await start();
    const { id, ...account } = await token.account();
    expect(await (await decide(codes.user_code, 'deny', account)).text()).toContain('no access');
    expect(await refusalOf(await poll(codes.device_code))).toEqual([400, 'access_denied']);
    const [denied] = await token.events({ type: 'device-authorization.denied', key: await grantOf(codes) });
    expect(denied?.data).toMatchObject({ client_id: 'tv', account_id: id });
    expect((await enter(new TestBrowser(token.issuer), codes.user_code)).status).toBe(400);
  });

  test('is told when its time is over, and its user code is none any more', async () => {
    const codes = await start();
    const { browser, page } = await asked(codes.user_code);
    await token.sql("UPDATE device_authorization SET expires_at = now() - interval '1 second'");
    expect(await refusalOf(await poll(codes.device_code))).toEqual([400, 'expired_token']);
    expect((await enter(new TestBrowser(token.issuer), codes.user_code)).status).toBe(400);
    expect((await browser.submit(page, { decision: 'allow' })).status).toBe(410);
  });

  test.each([
    ['another client', (code: string) => poll(code, 'tv'), 'invalid_grant'],
    ['a made-up code', () => poll(`gh_device_${'A'.repeat(43)}`), 'invalid_grant'],
    ['no code', () => token.postForm('/oauth/token', { grant_type: DEVICE_GRANT, client_id: 'tv' }), 'invalid_request'],
  ])('with %s nothing is given', async (_, ask, error) => {
    const response = await token.postForm('/oauth/device_authorization', {}, BOX);
    const { device_code } = (await response.json()) as Codes;
    expect(await refusalOf(await ask(device_code))).toEqual([400, error]);
  });
});

describe('tokens once', () => {
  /** How many grants and token responses twenty parallel questions get. */
  async function parallel(): Promise<[responses: number, events: number]> {
    const codes = await start();
    await decide(codes.user_code, 'allow');
    const answers = await Promise.all(Array.from({ length: 20 }, () => poll(codes.device_code)));
    const events = await token.events({ type: 'grant.created', key: await grantOf(codes) });
    return [answers.filter(({ status }) => status === 200).length, events.length];
  }

  test('however many questions come at the same time', async () => {
    expect(await parallel()).toEqual([1, 1]);
  });

  test('and afterwards the code is worth nothing', async () => {
    const codes = await start();
    await decide(codes.user_code, 'allow');
    expect((await poll(codes.device_code)).status).toBe(200);
    expect(await refusalOf(await poll(codes.device_code))).toEqual([400, 'invalid_grant']);
  });

  test('negative control: where use is not recorded, the code is taken again', async () => {
    const devices = token.part(DeviceAuthorizations);
    const use = devices.use.bind(devices);
    devices.use = () => Promise.resolve();
    try {
      const codes = await start();
      await decide(codes.user_code, 'allow');
      expect((await poll(codes.device_code)).status).toBe(200);
      expect(await refusalOf(await poll(codes.device_code))).not.toEqual([400, 'invalid_grant']);
    } finally {
      devices.use = use;
    }
  });
});

describe('the page', () => {
  test('is plain HTML; a link fills the code in and confirms nothing', async () => {
    const codes = await start();
    const browser = new TestBrowser(token.issuer);
    const response = await browser.get(codes.verification_uri_complete);
    expect(response.status).toBe(200);
    const page = await response.text();
    expect(page).toContain(`value="${codes.user_code}"`);
    expect(page).not.toContain('<script');
    expect(
      await token.sql('SELECT 1 FROM authorization_request WHERE device_grant_id = $1', [await grantOf(codes)]),
    ).toEqual([]);
    const hostile = await browser.get('/device?user_code=%22%3E%3Cscript%3E');
    expect(await hostile.text()).not.toContain('<script');
  });

  test('asks who has a session too, whoever the client is, and names client, scopes and the danger', async () => {
    const account = await token.account();
    const { browser, page: first } = await asked((await start()).user_code, account);
    await browser.submit(first, { decision: 'allow' });
    const question = locationOf(await enter(browser, (await start()).user_code));
    expect(question.pathname).toBe('/consent');
    const page = await (await browser.get(question.href)).text();
    for (const words of ['tv', 'see your e-mail address', 'only if you started it on your device'])
      expect(page).toContain(words);
    expect(page).not.toContain('<script');
  });

  test('a code counts whatever its case and punctuation', async () => {
    const { user_code } = await start();
    const response = await enter(new TestBrowser(token.issuer), ` ${user_code.toLowerCase().replace('-', ' ')}`);
    expect(response.status).toBe(303);
  });

  test('one decision counts: a second press of the button, here or in another browser, finds nothing', async () => {
    const codes = await start();
    const [one, other] = [await asked(codes.user_code), await asked(codes.user_code)];
    expect((await one.browser.submit(one.page, { decision: 'allow' })).status).toBe(200);
    expect((await one.browser.submit(one.page, { decision: 'allow' })).status).toBe(410);
    expect((await other.browser.submit(other.page, { decision: 'deny' })).status).toBe(410);
    expect((await poll(codes.device_code)).status).toBe(200);
  });

  test('another site cannot enter a code or press the button, and another browser cannot open the question', async () => {
    const codes = await start();
    const { browser, page, question } = await asked(codes.user_code);
    for (const [path, fields] of [
      ['/device', { user_code: codes.user_code, csrf_token: 'forged' }],
      ['/consent', { ...hiddenFields(page), decision: 'allow', csrf_token: 'forged' }],
    ] as const)
      expect((await browser.post(path, fields)).status).toBe(403);
    expect((await new TestBrowser(token.issuer).get(question.href)).status).toBe(410);
    expect(await refusalOf(await poll(codes.device_code))).toEqual([400, 'authorization_pending']);
  });
});

describe('guesses of user codes', () => {
  /** How many of thirty parallel guesses were looked at, and whether the right code counts after them. */
  async function guess(): Promise<{ looked: number; right: number }> {
    const { user_code } = await start();
    const pages = await Promise.all(
      Array.from({ length: 30 }, () => enter(new TestBrowser(token.issuer), 'BBBB-BBBB')),
    );
    const looked = pages.filter(({ status }) => status === 400).length;
    return { looked, right: (await enter(new TestBrowser(token.issuer), user_code)).status };
  }

  test('are ten in ten minutes from one source, in however many browsers and at however many times', async () => {
    expect(await guess()).toEqual({ looked: 10, right: 429 });
    const refused = await enter(new TestBrowser(token.issuer), 'BBBB-BBBC');
    expect(refused.headers.get('retry-after')).toBe('600');
    expect(await refused.text()).toContain('Too many wrong codes');
    await token.sql("UPDATE wrong_user_code SET tried_at = tried_at - interval '10 minutes'");
    expect((await enter(new TestBrowser(token.issuer), 'BBBB-BBBC')).status).toBe(400);
  });

  test('negative control: without the count every guess is looked at', async () => {
    const wrongCodes = token.part(WrongUserCodes);
    const countSince = wrongCodes.countSince.bind(wrongCodes);
    wrongCodes.countSince = () => Promise.resolve(0);
    try {
      expect(await guess()).toEqual({ looked: 30, right: 303 });
    } finally {
      wrongCodes.countSince = countSince;
    }
  });
});
