import { authorizationPath, hiddenFields, locationOf, newPkce, TestBrowser } from '../browser.spec-support.ts';
import { Clients } from '../store/clients.ts';
import { TokenHarness } from '../token.spec-support.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('authorize');
}, 60_000);
afterAll(() => token.stop());

const demo = () => token.client('demo');
const open = (changes: Parameters<typeof authorizationPath>[2] = {}) =>
  token.get(authorizationPath(demo(), newPkce(), changes));

describe('303 to the login page', () => {
  test('a valid request waits in the database, bound to the browser by the hash of a cookie', async () => {
    const browser = new TestBrowser(token.issuer);
    const response = await browser.get(authorizationPath(demo(), newPkce()));
    expect(response.status).toBe(303);
    const location = locationOf(response);
    expect(location.origin + location.pathname).toBe(`${token.issuer}/login`);
    const [row] = await token.sql<Record<string, unknown>>('SELECT * FROM authorization_request WHERE id = $1', [
      location.searchParams.get('request'),
    ]);
    expect(row).toMatchObject({
      client_id: 'demo',
      request: { state: 'state-1', nonce: 'nonce-1', scope: ['openid', 'email'] },
    });
    expect((row?.['browser_hash'] as Buffer).length).toBe(32);
    expect(JSON.stringify(row)).not.toContain(browser.cookies.get('gatehouse-browser'));
  });

  test('nothing of it may be cached, and its cookie is for the server and this site only', async () => {
    const response = await open();
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^gatehouse-browser=gh_browser_[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
  });

  test('unknown parameters are ignored (RFC 6749 3.1)', async () => {
    expect(locationOf(await open({ audience: 'x', display: 'page' })).pathname).toBe('/login');
  });

  test('by POST the same parameters go through a GET, which the session cookie reaches', async () => {
    const path = authorizationPath(demo(), newPkce(), {
      resource: [token.suite.url('authorization'), token.suite.url('audit-log')],
    });
    const response = await token.postForm('/oauth/authorize', Object.fromEntries(parameters(path)));
    expect(response.status).toBe(303);
    const location = locationOf(response);
    expect([...location.searchParams]).toEqual(expect.arrayContaining([...new URL(path, token.issuer).searchParams]));
    expect(locationOf(await token.get(location.pathname + location.search)).pathname).toBe('/login');
  });
});

function parameters(path: string): [string, string | string[]][] {
  const { searchParams } = new URL(path, 'http://x');
  return [...new Set(searchParams.keys())].map((name) => {
    const all = searchParams.getAll(name);
    return [name, all.length > 1 ? all : (all[0] ?? '')];
  });
}

describe('303 to the client with an error', () => {
  // ASVS 10.6.1
  test.each([
    ['no response_type', { response_type: undefined }, 'invalid_request'],
    ['the implicit flow', { response_type: 'token' }, 'unsupported_response_type'],
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['an unknown scope', { scope: 'openid admin' }, 'invalid_scope'],
    ['an unknown resource', { resource: 'https://evil.example' }, 'invalid_target'],
    ['a request object', { request: 'eyJhbGciOiJub25lIn0.e30.' }, 'invalid_request_object'],
    ['prompt=none and no session', { prompt: 'none' }, 'login_required'],
  ])('%s: the state is returned and the issuer named (RFC 9207)', async (_, changes, error) => {
    const response = await open(changes);
    expect(response.status).toBe(303);
    const location = locationOf(response);
    expect(location.origin + location.pathname).toBe(demo().redirectUri);
    const answer = Object.fromEntries(location.searchParams);
    expect(answer).toMatchObject({ error, state: 'state-1', iss: token.issuer });
    expect(answer).not.toHaveProperty('code');
  });

  test('a client that is not registered for codes is told so', async () => {
    const client = {
      id: 'machine',
      secret: 'x'.repeat(43),
      redirect_uris: ['http://127.0.0.1:1/cb'],
      grant_types: ['client_credentials'],
    };
    await token.seed({ clients: [client] });
    const path = authorizationPath({ id: 'machine', redirectUri: 'http://127.0.0.1:1/cb' }, newPkce(), {
      scope: undefined,
    });
    expect(locationOf(await token.get(path)).searchParams.get('error')).toBe('unauthorized_client');
  });
});

describe('a parameter that is repeated', () => {
  const changes = { scope: ['openid', 'openid'], prompt: 'none' };

  test('goes back to the client as invalid_request, by GET and by POST, with what was given once (RFC 6749 4.1.2.1)', async () => {
    const path = authorizationPath(demo(), newPkce(), { ...changes, response_mode: 'fragment' });
    const posted = await token.postForm('/oauth/authorize', Object.fromEntries(parameters(path)));
    for (const response of [await token.get(path), posted]) {
      const location = locationOf(response);
      expect(location.origin + location.pathname).toBe(demo().redirectUri);
      const answer = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
      expect(answer).toMatchObject({ error: 'invalid_request', state: 'state-1', iss: token.issuer });
      expect(answer['error_description']).toContain('scope');
    }
  });

  test('is not sent along itself, nor followed: of two states or response modes none counts', async () => {
    const repeated = { ...changes, state: ['a', 'b'], response_mode: ['fragment', 'form_post'] };
    const answer = locationOf(await open(repeated));
    expect([answer.hash, answer.searchParams.get('error'), answer.searchParams.get('state')]).toEqual([
      '',
      'invalid_request',
      null,
    ]);
  });
});

describe('400 on a page of ours, and no redirect', () => {
  test.each([
    ['an unknown client', { client_id: 'nobody' }],
    ['no client', { client_id: undefined }],
    ['no redirect URI', { redirect_uri: undefined }],
    ['another redirect URI', { redirect_uri: 'https://evil.example/callback' }],
    ['a redirect URI with another port', { redirect_uri: 'http://127.0.0.1:4998/callback' }],
    ['a redirect URI with a query', { redirect_uri: 'http://127.0.0.1:4999/callback?x=1' }],
    ['two redirect URIs', { redirect_uri: ['http://127.0.0.1:4999/callback', 'https://evil.example/'] }],
    ['a redirect URI with user info', { redirect_uri: 'http://127.0.0.1:4999@evil.example/callback' }],
    ['two clients', { client_id: ['demo', 'admin'] }],
    ['one redirect URI twice', { redirect_uri: ['http://127.0.0.1:4999/callback', 'http://127.0.0.1:4999/callback'] }],
    [
      'a repeated scope beside a redirect URI of somebody else',
      { scope: ['openid', 'email'], redirect_uri: 'https://evil.example/' },
    ],
    ['control characters', { state: 'a\r\nlocation: https://evil.example' }],
  ])('%s', async (_, changes) => {
    const response = await open(changes);
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await response.text()).not.toContain('evil.example');
  });

  test('negative control: a check by prefix sends the browser where the attacker wants', async () => {
    const attempt = `${demo().redirectUri}.evil.example/`;
    expect((await open({ redirect_uri: attempt })).status).toBe(400);
    const clients = token.part(Clients);
    const remembered = clients.remembered.bind(clients);
    clients.remembered = (id) => {
      const client = remembered(id);
      const byPrefix = { includes: (uri: string) => uri.startsWith(demo().redirectUri) };
      return client && { ...client, redirectUris: byPrefix as unknown as string[] }; // -- only includes() is asked
    };
    try {
      await open();
      const location = locationOf(await open({ redirect_uri: attempt, prompt: 'none' }));
      expect(location.href).toContain('.evil.example/');
    } finally {
      clients.remembered = remembered;
    }
  });
});

describe('with a session', () => {
  test('the code comes at once, and another client gets one of its own without another login', async () => {
    const { email, password } = await token.account();
    const browser = new TestBrowser(token.issuer);
    await browser.submit(await browser.openLogin(authorizationPath(demo(), newPkce())), { email, password });

    const location = locationOf(
      await browser.get(authorizationPath(demo(), newPkce(), { state: 'second', prompt: 'none' })),
    );
    expect(location.origin + location.pathname).toBe(demo().redirectUri);
    expect(Object.fromEntries(location.searchParams)).toEqual({
      code: expect.stringMatching(/^gh_code_[\w-]{43}$/) as string,
      state: 'second',
      iss: token.issuer,
    });
  });

  const loggedIn = async () => {
    const { email, password, id } = await token.account();
    const browser = new TestBrowser(token.issuer);
    const answer = locationOf(await browser.submit(await browser.openLogin(authorizationPath(demo(), newPkce())), { email, password })); // prettier-ignore
    return { browser, email, password, id, answer };
  };
  const ask = (browser: TestBrowser, changes: Parameters<typeof authorizationPath>[2]) =>
    browser.get(authorizationPath(demo(), newPkce(), changes));

  test.each([
    ['prompt=login', { prompt: 'login' }],
    ['prompt=select_account', { prompt: 'select_account' }],
    ['max_age=0', { max_age: '0' }],
  ])('%s asks for the password again, and that very login is enough', async (_, changes) => {
    const { browser, email, password } = await loggedIn();
    await token.sql("UPDATE browser_session SET authenticated_at = authenticated_at - interval '2 seconds'");
    const page = await browser.get(locationOf(await ask(browser, changes)).href);
    const answer = locationOf(await browser.submit(await page.text(), { email, password }));
    expect(answer.searchParams.get('code')).toMatch(/^gh_code_/);
  });

  test('a login that is older than max_age is not enough silently either', async () => {
    const { browser } = await loggedIn();
    await token.sql("UPDATE browser_session SET authenticated_at = now() - interval '1 minute'");
    const error = async (max_age: string) =>
      locationOf(await ask(browser, { max_age, prompt: 'none' })).searchParams.get('error');
    expect(await error('30')).toBe('login_required');
    expect(await error('3600')).toBeNull();
  });

  test('an ID token of another account is not answered from this session; one that is no ID token is refused', async () => {
    const { browser } = await loggedIn();
    const other = await token.login();
    const error = async (id_token_hint: string) =>
      locationOf(await ask(browser, { id_token_hint, prompt: 'none' })).searchParams.get('error');
    expect(await error(other.id_token)).toBe('login_required');
    expect(await error(other.access_token)).toBe('invalid_request');
    expect(await error('abc')).toBe('invalid_request');
  });

  test('an essential acr that no login reaches is refused before anyone is asked (OIDC Core 5.5.1.1)', async () => {
    const acr = { essential: true, values: ['urn:example:retina'] };
    const answer = locationOf(await open({ claims: JSON.stringify({ id_token: { acr } }) }));
    expect(answer.searchParams.get('error')).toBe('unmet_authentication_requirements');
  });

  test('in the fragment, and in a form that posts itself, allowed by its hash alone', async () => {
    const { browser } = await loggedIn();
    const fragment = locationOf(await ask(browser, { response_mode: 'fragment' }));
    expect(fragment.search).toBe('');
    expect(new URLSearchParams(fragment.hash.slice(1)).get('code')).toMatch(/^gh_code_/);

    const response = await ask(browser, { response_mode: 'form_post' });
    expect(response.status).toBe(200);
    const page = await response.text();
    expect(page).toContain(`<form method="post" action="${demo().redirectUri}">`);
    expect(hiddenFields(page)).toMatchObject({ state: 'state-1', iss: token.issuer });
    expect(response.headers.get('content-security-policy')).toMatch(/script-src 'sha256-[\w+/=]{44}'/);
  });

  test('an expired one asks for a login again', async () => {
    const { email, password, id } = await token.account();
    const browser = new TestBrowser(token.issuer);
    await browser.submit(await browser.openLogin(authorizationPath(demo(), newPkce())), { email, password });
    await token.sql("UPDATE browser_session SET expires_at = now() - interval '1 second' WHERE account_id = $1", [id]);
    expect(hiddenFields(await browser.openLogin(authorizationPath(demo(), newPkce())))).toHaveProperty('csrf_token');
  });
});
