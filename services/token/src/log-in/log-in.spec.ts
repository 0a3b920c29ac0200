import { CsrfProtection } from '@gatehouse/http';
import { eventually } from '@gatehouse/testing';
import { uuidv7 } from '@gatehouse/database';
import { authorizationPath, hiddenFields, locationOf, newPkce, TestBrowser } from '../browser.spec-support.ts';
import { TokenSettings } from '../config.ts';
import { hashOf } from '../domain/opaque-token.ts';
import { AuthorizationRequests } from '../store/authorization-requests.ts';
import { PASSWORD, TokenHarness } from '../token.spec-support.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('log-in');
}, 60_000);
afterAll(() => token.stop());

async function atLogin(): Promise<{ browser: TestBrowser; page: string }> {
  const browser = new TestBrowser(token.issuer);
  const page = await browser.openLogin(authorizationPath(token.client('demo'), newPkce()));
  return { browser, page };
}

const failures = (accountId: string) => async () =>
  (await token.events({ type: 'login.failed' }))
    .map(({ data }) => data)
    .filter((data) => data?.['account_id'] === accountId)
    .map((data) => data?.['reason']);

describe('GET /login', () => {
  test('is plain accessible HTML: labelled fields named email and password, no script, nothing from elsewhere', async () => {
    const browser = new TestBrowser(token.issuer);
    const { href } = locationOf(await browser.get(authorizationPath(token.client('demo'), newPkce())));
    const response = await browser.get(href);
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(page).toMatch(/<html lang="en">/);
    expect(page).toMatch(/<label for="email">[^<]+<\/label>\s*<input id="email" name="email" type="email"/);
    expect(page).toMatch(
      /<label for="password">[^<]+<\/label>\s*<input\s+id="password"\s+name="password"\s+type="password"/,
    );
    expect(page).not.toMatch(/<script|javascript:|onload=/i);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self' http://127.0.0.1:4999");
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  });

  test('410: a request of another browser, an unknown and an expired one lead nowhere', async () => {
    const { browser, page } = await atLogin();
    const { request = '' } = hiddenFields(page);
    const stranger = new TestBrowser(token.issuer);
    expect((await stranger.get(`/login?request=${request}`)).status).toBe(410);
    await stranger.openLogin(authorizationPath(token.client('demo'), newPkce()));
    expect((await stranger.get(`/login?request=${request}`)).status).toBe(410);
    expect((await browser.get(`/login?request=${uuidv7()}`)).status).toBe(410);
    await token.sql("UPDATE authorization_request SET expires_at = now() - interval '1 s' WHERE id = $1", [request]);
    expect((await browser.get(`/login?request=${request}`)).status).toBe(410);
  });

  test('negative control: a request that is not bound to its browser opens in any other', async () => {
    const { browser, page } = await atLogin();
    const { request = '' } = hiddenFields(page);
    const requests = token.part(AuthorizationRequests);
    const find = requests.find.bind(requests);
    const bound = hashOf(browser.cookies.get('gatehouse-browser') ?? '');
    requests.find = (id, _, now) => find(id, bound, now);
    try {
      const stranger = new TestBrowser(token.issuer);
      await stranger.openLogin(authorizationPath(token.client('demo'), newPkce()));
      expect((await stranger.get(`/login?request=${request}`)).status).toBe(200);
    } finally {
      requests.find = find;
    }
  });

  test('400: a request that is no id', async () => {
    const { browser } = await atLogin();
    expect((await browser.get("/login?request=' OR 1=1")).status).toBe(400);
  });
});

describe('303: the right password', () => {
  test('leads back to the client with a code, the state and the issuer; session and login are recorded', async () => {
    const { email, password, id } = await token.account();
    const { browser, page } = await atLogin();
    const response = await browser.submit(page, { email: email.toUpperCase(), password });
    expect(response.status).toBe(303);
    const location = locationOf(response);
    expect(location.origin + location.pathname).toBe(token.client('demo').redirectUri);
    expect(Object.fromEntries(location.searchParams)).toMatchObject({ state: 'state-1', iss: token.issuer });

    const [started, ...others] = await token.events({ type: 'session.started', key: id });
    expect(others).toEqual([]);
    expect(started?.data).toMatchObject({ account_id: id, client_id: 'demo', method: 'password' });
    expect(started?.headers).toMatchObject({ ce_actorkind: 'account', ce_actorid: id });
    const [account] = await token.sql('SELECT last_login_at, host(ip_address) AS ip FROM account WHERE id = $1', [id]);
    expect(account).toEqual({ last_login_at: expect.any(Date) as Date, ip: '127.0.0.1' });
  });

  test('starts a session under a new cookie, and ends the one that the browser had', async () => {
    const { email, password, id } = await token.account();
    const { browser, page } = await atLogin();
    const planted = 'gh_session_planted-by-an-attacker-before-the-login';
    browser.cookies.set('gatehouse-session', planted);
    const response = await browser.submit(page, { email, password });
    const line = response.headers.getSetCookie().find((cookie) => cookie.startsWith('gatehouse-session='));
    expect(line).toMatch(/^gatehouse-session=gh_session_[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    const first = browser.cookies.get('gatehouse-session') ?? '';
    expect(first).not.toBe(planted);

    const again = await browser.openLogin(authorizationPath(token.client('demo'), newPkce())).catch(() => 'answered');
    expect(again).not.toContain('<form');
    const other = await atLogin();
    other.browser.cookies.set('gatehouse-session', first);
    await other.browser.submit(other.page, { email, password });
    expect(await token.sql('SELECT 1 FROM browser_session WHERE account_id = $1', [id])).toHaveLength(1);
  });

  test('answers its request once: the second submission of the same form leads nowhere', async () => {
    const { email, password, id } = await token.account();
    const { browser, page } = await atLogin();
    const answers = await Promise.all([
      browser.submit(page, { email, password }),
      browser.submit(page, { email, password }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 410]);
    expect(await token.events({ type: 'session.started', key: id })).toHaveLength(1);
  });

  test('over https the cookies carry the __Host- prefix and are secure', async () => {
    const secure = await TokenHarness.start('log-in-https', {
      ISSUER: 'https://id.example',
      SERVICE_URL: 'https://id.example',
    });
    try {
      const response = await secure.get(authorizationPath(secure.client('demo'), newPkce()));
      expect(response.headers.getSetCookie()).toEqual([
        expect.stringMatching(/^__Host-gatehouse-browser=[\w-]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
      ]);
    } finally {
      await secure.stop();
    }
  }, 60_000);
});

describe('403: wrong credentials', () => {
  test('an unknown account and a wrong password get the same page, byte for byte but for the address', async () => {
    const { email } = await token.account();
    const unknown = `nobody-${uuidv7()}@example.com`;
    const { browser, page } = await atLogin();
    const answer = async (address: string) => {
      const response = await browser.submit(page, { email: address, password: 'not the password' });
      const text = (await response.text()).replaceAll(address, 'ADDRESS');
      return [response.status, text.replaceAll(/name="csrf_token" value="[^"]+"/g, 'TOKEN')];
    };
    const [known, other] = [await answer(email), await answer(unknown)];
    expect(known).toEqual(other);
    expect(known[0]).toBe(403);
    expect(known[1]).toContain('role="alert"');
  });

  test('no refusal is answered before the work of every case is done', async () => {
    const { email } = await token.account();
    const { browser, page } = await atLogin();
    for (const address of [email, `nobody-${uuidv7()}@example.com`]) {
      const started = performance.now();
      await browser.submit(page, { email: address, password: 'not the password' });
      expect(performance.now() - started).toBeGreaterThanOrEqual(token.part(TokenSettings).answerAfterMs - 2);
    }
  });

  test('each is an audited fact with its reason and counts against a known account until it logs in', async () => {
    const { email, password, id } = await token.account();
    const { browser, page } = await atLogin();
    await browser.submit(page, { email, password: 'wrong one' });
    await browser.submit(page, { email, password: 'wrong two' });
    expect(await failures(id)()).toEqual(['wrong_password', 'wrong_password']);
    const attempts = () => token.sql('SELECT failed_login_attempts AS n FROM account WHERE id = $1', [id]);
    expect(await attempts()).toEqual([{ n: 2 }]);
    expect((await browser.submit(page, { email, password })).status).toBe(303);
    expect(await attempts()).toEqual([{ n: 0 }]);
  });

  test('the fact of an unknown account holds no address', async () => {
    const unknown = `nobody-${uuidv7()}@example.com`;
    const { browser, page } = await atLogin();
    await browser.submit(page, { email: unknown, password: PASSWORD });
    const last = (await token.events({ type: 'login.failed' })).at(-1);
    expect(last?.data).toEqual({ account_id: null, client_id: 'demo', reason: 'unknown_account' });
    expect(JSON.stringify(last)).not.toContain(unknown);
  });

  test('what was typed comes back escaped', async () => {
    const { browser, page } = await atLogin();
    const response = await browser.submit(page, { email: '"><script>alert(1)</script>', password: 'x' });
    expect(await response.text()).not.toContain('<script');
  });
});

describe('403: forms of other sites', () => {
  test.each([
    ['no token', { csrf_token: '' }],
    ['a made-up token', { csrf_token: 'abc.def' }],
  ])('with %s nobody is logged in', async (_, fields) => {
    const { email, password, id } = await token.account();
    const { browser, page } = await atLogin();
    const response = await browser.post('/login', { ...hiddenFields(page), email, password, ...fields });
    expect([400, 403]).toContain(response.status);
    expect(await token.events({ type: 'session.started', key: id })).toEqual([]);
  });

  test('a token of another browser, or of another request, is worth nothing', async () => {
    const { email, password, id } = await token.account();
    const [one, other] = [await atLogin(), await atLogin()];
    const { csrf_token = '' } = hiddenFields(other.page);
    const stolen = await one.browser.submit(one.page, { email, password, csrf_token });
    expect(stolen.status).toBe(403);
    const second = await one.browser.openLogin(authorizationPath(token.client('demo'), newPkce()));
    const { csrf_token: ofSecond = '' } = hiddenFields(second);
    expect((await one.browser.submit(one.page, { email, password, csrf_token: ofSecond })).status).toBe(403);
    expect(await token.events({ type: 'session.started', key: id })).toEqual([]);
  });

  test('negative control: with the protection off, the same forged form logs in', async () => {
    const { email, password, id } = await token.account();
    const csrf = token.part(CsrfProtection);
    const verify = csrf.verify.bind(csrf);
    csrf.verify = () => undefined;
    try {
      const { browser, page } = await atLogin();
      const response = await browser.submit(page, { email, password, csrf_token: 'abc.def' });
      expect(response.status).toBe(303);
      expect(await token.events({ type: 'session.started', key: id })).toHaveLength(1);
    } finally {
      csrf.verify = verify;
    }
  });
});

describe('403: an address without proof', () => {
  async function unverified(): Promise<{ email: string; accountId: string }> {
    const email = `new-${uuidv7()}@example.com`;
    await token.postJson('/api/v1/accounts', { email, password: PASSWORD });
    const [row] = await token.sql<{ id: string }>('SELECT id FROM account WHERE address_key = $1', [email]);
    return { email, accountId: row?.id ?? '' };
  }
  const mails = async (accountId: string) => token.events({ type: 'email-flow.requested', key: accountId });

  test('with the right password a new mail is offered, and one is sent for each such login', async () => {
    const { email, accountId } = await unverified();
    const { browser, page } = await atLogin();
    const response = await browser.submit(page, { email, password: PASSWORD });
    expect(response.status).toBe(403);
    expect(await failures(accountId)()).toEqual(['unverified']);
    const offer = await response.text();
    const sent = await browser.submit(offer, {});
    expect(sent.status).toBe(200);
    const flows = (await mails(accountId)).map(({ data }) => data);
    expect(flows).toHaveLength(2);
    expect(flows[1]).toMatchObject({ purpose: 'registration', email, account_id: accountId });
    expect(flows[1]?.['flow_id']).not.toBe(flows[0]?.['flow_id']);

    expect((await browser.submit(offer, {})).status).toBe(410);
    expect(await mails(accountId)).toHaveLength(2);
  });

  test('the new mail proves the address with the password that was given', async () => {
    const { email, accountId } = await unverified();
    const { browser, page } = await atLogin();
    await browser.submit(await (await browser.submit(page, { email, password: PASSWORD })).text(), {});
    const registrations = await token.sql<{ password_hash: string }>(
      'SELECT password_hash FROM registration WHERE account_id = $1',
      [accountId],
    );
    expect(new Set(registrations.map((one) => one.password_hash)).size).toBe(1);
    expect(registrations).toHaveLength(2);
  });

  test('with a wrong password nothing tells that the account exists, and no mail can be asked for', async () => {
    const { email, accountId } = await unverified();
    const { browser, page } = await atLogin();
    const response = await browser.submit(page, { email, password: 'not the password' });
    expect(await response.text()).not.toContain('verification-mail');
    await eventually(async () => expect(await failures(accountId)()).toEqual(['wrong_password']), { within: '2s' });
    expect((await browser.post('/login/verification-mail', hiddenFields(page))).status).toBe(410);
    expect(await mails(accountId)).toHaveLength(1);
  });
});
