import {
  authorizationPath,
  hiddenFields,
  locationOf,
  newPkce,
  TestBrowser,
  type Form,
} from '../browser.spec-support.ts';
import { Database } from '@gatehouse/database';
import { refusalOf, TokenHarness, tokensOf } from '../token.spec-support.ts';

const NATIVE = { id: 'native', redirectUri: 'https://native.example/callback' };
const PUSHER = { id: 'pusher', secret: 'p'.repeat(43), redirectUri: 'https://pusher.example/callback' };
let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('push-authorization-request');
  const common = { grant_types: ['authorization_code'], scopes: ['openid', 'email'] };
  await token.seed({
    clients: [
      { ...common, id: 'native', redirect_uris: [NATIVE.redirectUri], token_endpoint_auth_method: 'none' },
      {
        ...common,
        id: 'pusher',
        secret: PUSHER.secret,
        redirect_uris: [PUSHER.redirectUri],
        require_pushed_authorization_requests: true,
        first_party: false,
      },
    ],
  });
}, 60_000);
afterAll(() => token.stop());

type Changes = Parameters<typeof authorizationPath>[2];
const demo = () => token.client('demo');
const parametersOf = (client: { id: string; redirectUri: string }, pkce = newPkce(), changes: Changes = {}): Form =>
  Object.fromEntries(new URL(authorizationPath(client, pkce, changes), token.issuer).searchParams);

const push = (changes: Changes = {}, pkce = newPkce()) =>
  token.postForm('/oauth/par', parametersOf(demo(), pkce, changes), demo());

async function pushed(changes: Changes = {}, pkce = newPkce()): Promise<{ uri: string; path: string }> {
  const response = await push(changes, pkce);
  expect(response.status).toBe(201);
  const { request_uri: uri } = (await response.json()) as { request_uri: string };
  return { uri, path: pathOf('demo', uri) };
}

function pathOf(clientId: string, requestUri: string, others: Record<string, string> = {}): string {
  const query = new URLSearchParams({ client_id: clientId, request_uri: requestUri, ...others });
  return `/oauth/authorize?${query.toString()}`;
}

async function refusedOnPage(response: Response): Promise<void> {
  expect(response.status).toBe(400);
  expect(response.headers.get('location')).toBeNull();
  expect(await response.text()).toContain('invalid_request_uri');
}

async function loggedIn(): Promise<TestBrowser> {
  const { email, password } = await token.account();
  const browser = new TestBrowser(token.issuer);
  await browser.submit(await browser.openLogin(authorizationPath(demo(), newPkce())), { email, password });
  return browser;
}

describe('201', () => {
  // ASVS 10.4.12
  test('names the request for a minute; what was pushed counts and nothing beside it, up to the tokens', async () => {
    const response = await push();
    expect(response.status).toBe(201);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      request_uri: expect.stringMatching(/^urn:ietf:params:oauth:request_uri:gh_request_[\w-]{43}$/) as string,
      expires_in: 60,
    });

    const pkce = newPkce();
    const { uri } = await pushed({ state: 'pushed' }, pkce);
    const beside = { state: 'beside', redirect_uri: 'https://evil.example/', scope: 'openid email profile' };
    const { email, password } = await token.account();
    const browser = new TestBrowser(token.issuer);
    const page = await browser.openLogin(pathOf('demo', uri, beside));
    const answer = locationOf(await browser.submit(page, { email, password }));
    expect(answer.origin + answer.pathname).toBe(demo().redirectUri);
    expect(answer.searchParams.get('state')).toBe('pushed');
    const code = answer.searchParams.get('code') ?? '';
    expect((await tokensOf(await token.exchange({ code, pkce }))).scope).toBe('openid email');
  });

  test('a public client pushes by its id; what is stored holds neither the reference nor a secret', async () => {
    const response = await token.postForm('/oauth/par', parametersOf(NATIVE));
    expect(response.status).toBe(201);
    const { request_uri } = (await response.json()) as { request_uri: string };
    const rows = await token.sql<{ row: string }>(
      "SELECT p::text AS row FROM pushed_request p WHERE client_id = 'native'",
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.row).not.toContain(request_uri.split(':').at(-1));
  });
});

describe('400 to the client, as JSON', () => {
  test.each<[string, Changes, string]>([
    ['a redirect URI that is not registered', { redirect_uri: 'https://evil.example/' }, 'invalid_request'],
    ['no redirect URI', { redirect_uri: undefined }, 'invalid_request'],
    [
      'a request_uri, which cannot be pushed',
      { request_uri: 'urn:ietf:params:oauth:request_uri:x' },
      'invalid_request',
    ],
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['an unknown scope', { scope: 'openid admin' }, 'invalid_scope'],
    ['an unknown resource', { resource: 'https://evil.example' }, 'invalid_target'],
    ['the implicit flow', { response_type: 'token' }, 'unsupported_response_type'],
    ['another client than the authenticated one', { client_id: 'pusher' }, 'invalid_request'],
  ])('%s', async (_, changes, error) => {
    expect(await refusalOf(await push(changes))).toEqual([400, error]);
  });
});

// ASVS 10.4.10
test('401: a confidential client that does not authenticate, or wrongly', async () => {
  const form = parametersOf(demo());
  expect(await refusalOf(await token.postForm('/oauth/par', form))).toEqual([401, 'invalid_client']);
  const wrong = { id: 'demo', secret: 'x'.repeat(43) };
  expect(await refusalOf(await token.postForm('/oauth/par', form, wrong))).toEqual([401, 'invalid_client']);
});

describe('its use', () => {
  test('is over with the answer and not with a page: a reload leads on, and of two pages one is answered', async () => {
    const { path } = await pushed();
    const { email, password } = await token.account();
    const browser = new TestBrowser(token.issuer);
    const first = await browser.openLogin(path);
    const second = await browser.openLogin(path);
    expect(hiddenFields(second)['request']).not.toBe(hiddenFields(first)['request']);
    const answer = locationOf(await browser.submit(second, { email, password }));
    expect(answer.searchParams.get('code')).toMatch(/^gh_code_/);
    expect((await browser.submit(first, { email, password })).status).toBe(410);
    await refusedOnPage(await browser.get(path));
  });

  test('with a session it is answered at once, once, also by parallel requests', async () => {
    const browser = await loggedIn();
    const { path } = await pushed();
    const answers = await Promise.all(Array.from({ length: 8 }, () => browser.get(path)));
    const codes = answers.filter((answer) => answer.headers.get('location')?.includes('code='));
    expect(codes).toHaveLength(1);
  });

  test('an error is an answer, too', async () => {
    const { path } = await pushed({ prompt: 'none' });
    const browser = new TestBrowser(token.issuer);
    expect(locationOf(await browser.get(path)).searchParams.get('error')).toBe('login_required');
    await refusedOnPage(await browser.get(path));
  });

  test('is over after a minute; a page that it led to stays', async () => {
    const pkce = newPkce();
    const { path } = await pushed({}, pkce);
    const { email, password } = await token.account();
    const browser = new TestBrowser(token.issuer);
    const page = await browser.openLogin(path);
    await token.sql("UPDATE pushed_request SET expires_at = now() - interval '1 second'");
    await refusedOnPage(await browser.get(path));
    expect(locationOf(await browser.submit(page, { email, password })).searchParams.get('code')).toMatch(/^gh_code_/);
  });

  test.each<[string, (uri: string) => string]>([
    ['of another client', (uri) => pathOf('native', uri)],
    ['that nobody pushed', () => pathOf('demo', `urn:ietf:params:oauth:request_uri:gh_request_${'A'.repeat(43)}`)],
    ['beside a request object', (uri) => pathOf('demo', uri, { request: 'e30.e30.' })],
  ])('one %s is refused on a page', async (_, path) => {
    const { uri } = await pushed();
    await refusedOnPage(await new TestBrowser(token.issuer).get(path(uri)));
  });

  test('a URI elsewhere is not fetched', async () => {
    const path = authorizationPath(demo(), newPkce(), { request_uri: 'https://client.example/request' });
    expect(locationOf(await token.get(path)).searchParams.get('error')).toBe('request_uri_not_supported');
  });
});

describe('pinned to the browser that opens it first', () => {
  /** Whether somebody with a session who was sent a link answers, unknowingly, the request that another browser opened. */
  async function strangerIsAnswered(): Promise<boolean> {
    const stranger = await loggedIn();
    const { path } = await pushed();
    await new TestBrowser(token.issuer).get(path);
    const response = await stranger.get(path);
    return response.headers.get('location')?.includes('code=') ?? false;
  }

  test('another browser cannot use it', async () => {
    expect(await strangerIsAnswered()).toBe(false);
  });

  test('negative control: when the first browser is not remembered, the second one is answered', async () => {
    const database = token.part(Database);
    const query = database.query.bind(database);
    database.query = (sql: string, parameters: unknown[]) =>
      query(
        typeof sql === 'string' ? sql.replace('AND (browser_hash IS NULL OR browser_hash = $3)', '') : sql,
        parameters,
      ); // -- the same statement without its condition
    try {
      expect(await strangerIsAnswered()).toBe(true);
    } finally {
      database.query = query;
    }
  });
});

describe('a client that has to push', () => {
  test('is refused a plain request, by redirect', async () => {
    const answer = locationOf(await token.get(authorizationPath(PUSHER, newPkce())));
    expect(answer.origin + answer.pathname).toBe(PUSHER.redirectUri);
    expect(answer.searchParams.get('error')).toBe('invalid_request');
    expect(answer.searchParams.get('error_description')).toContain('push');
  });

  test('is served a pushed one, through login and consent', async () => {
    const response = await token.postForm('/oauth/par', parametersOf(PUSHER), PUSHER);
    const { request_uri } = (await response.json()) as { request_uri: string };
    const { email, password } = await token.account();
    const browser = new TestBrowser(token.issuer);
    const page = await browser.openLogin(pathOf('pusher', request_uri));
    const consent = locationOf(await browser.submit(page, { email, password }));
    expect(consent.pathname).toBe('/consent');
    const form = await (await browser.get(consent.href)).text();
    const answer = locationOf(await browser.submit(form, { decision: 'allow' }));
    expect(answer.searchParams.get('code')).toMatch(/^gh_code_/);
    await refusedOnPage(await browser.get(pathOf('pusher', request_uri)));
  });

  // ASVS 10.4.13
  test('a FAPI 2.0 client always has to, and names its redirect URI (FAPI 2.0 5.3.2.2)', async () => {
    await token.sql(
      `INSERT INTO client (id, secret_hashes, metadata, policy)
       SELECT 'fapi', secret_hashes, metadata - 'require_pushed_authorization_requests', policy || '{"security_profile":"fapi2"}'
       FROM client WHERE id = 'pusher'`,
    );
    const fapi = { ...PUSHER, id: 'fapi' };
    const answer = locationOf(await token.get(authorizationPath(fapi, newPkce())));
    expect(answer.searchParams.get('error')).toBe('invalid_request');
    const { redirect_uri: _, ...unnamed } = parametersOf(fapi);
    expect(await refusalOf(await token.postForm('/oauth/par', unnamed, fapi))).toEqual([400, 'invalid_request']);
    expect((await token.postForm('/oauth/par', parametersOf(fapi), fapi)).status).toBe(201);
  });
});
