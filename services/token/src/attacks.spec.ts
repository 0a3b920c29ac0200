import { generateKeyPairSync, randomUUID, sign as signBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { endpoints } from '@gatehouse/contracts';
import { CsrfProtection } from '@gatehouse/http';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import {
  authorizationPath,
  hiddenFields,
  locationOf,
  newPkce,
  TestBrowser,
  type Form,
} from './browser.spec-support.ts';
import { KeyRing } from './protocol/key-ring.ts';
import { AuthorizationCodes } from './store/authorization-codes.ts';
import { basic, refusalOf, TokenHarness } from './token.spec-support.ts';

/** Attacks of RFC 9700 and RFC 8725, as an attacker sends them; each against a protection that a control switches off. */
let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('attacks');
  await token.seed({
    clients: [
      {
        id: 'evil',
        secret: 'e'.repeat(43),
        redirect_uris: ['https://evil.example/callback'],
        grant_types: ['authorization_code'],
        scopes: ['openid', 'email'],
      },
    ],
  });
}, 60_000);
afterAll(() => token.stop());

const evil = { id: 'evil', secret: 'e'.repeat(43), redirectUri: 'https://evil.example/callback' };

// ASVS 10.1.2
describe('code injection (RFC 9700 4.5): a stolen code is worth nothing in another session or at another client', () => {
  /** What an attacker gets who puts a victim's code into a login of their own, at the same client. */
  async function injected(): Promise<number> {
    const stolen = await token.code(await token.account());
    const own = newPkce();
    return (await token.exchange({ code: stolen.code, pkce: own })).status;
  }

  test('the client exchanges it with the verifier of the attacker’s session, in vain', async () => {
    expect(await injected()).toBe(400);
  });

  test('nor does another client get anything for it', async () => {
    const { code, pkce } = await token.code(await token.account());
    const form = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: evil.redirectUri,
      code_verifier: pkce.verifier,
    };
    expect(await refusalOf(await token.postForm('/oauth/token', form, evil))).toEqual([400, 'invalid_grant']);
    expect((await token.exchange({ code, pkce })).status).toBe(200);
  });

  test('negative control: without the binding to the verifier the injected code gives tokens', async () => {
    const codes = token.part(AuthorizationCodes);
    const find = codes.find.bind(codes);
    const exchange = token.exchange.bind(token);
    codes.find = async (hash) => {
      const code = await find(hash);
      return code && { ...code, codeChallenge: null };
    };
    token.exchange = (issued) => exchange(issued, { code_verifier: '' });
    try {
      expect(await injected()).toBe(200);
    } finally {
      codes.find = find;
      token.exchange = exchange;
    }
  });
});

// ASVS 10.2.2
describe('mix-up (RFC 9700 4.4): every answer names its issuer (RFC 9207)', () => {
  test.each([
    ['a code', {}],
    ['an error', { response_type: 'token' }],
    ['an error that needs no page', { prompt: 'none' }],
  ])('%s does', async (_, changes) => {
    const browser = new TestBrowser(token.issuer);
    const { email, password } = await token.account();
    const path = authorizationPath(token.client('demo'), newPkce(), changes);
    const first = await browser.get(path);
    const location = locationOf(first);
    const answer = location.href.startsWith(token.issuer)
      ? locationOf(await browser.submit(await (await browser.get(location.href)).text(), { email, password }))
      : location;
    expect(answer.searchParams.get('iss')).toBe(token.issuer);
  });
});

// ASVS 10.4.6
describe('PKCE downgrade (RFC 9700 4.8.2)', () => {
  test('a code that was asked for with a challenge is not given without its verifier', async () => {
    const issued = await token.code(await token.account());
    expect(await refusalOf(await token.exchange(issued, { code_verifier: '' }))).toEqual([400, 'invalid_grant']);
  });

  test.each([
    ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['a challenge without a method, which means plain', { code_challenge_method: undefined }],
    ['the plain method', { code_challenge_method: 'plain' }],
  ])('a request with %s gets no code', async (_, changes) => {
    const answer = locationOf(await token.get(authorizationPath(token.client('demo'), newPkce(), changes)));
    expect(answer.searchParams.get('error')).toBe('invalid_request');
    expect(answer.searchParams.has('code')).toBe(false);
  });
});

// ASVS 10.4.1
describe('redirect tricks (RFC 9700 4.1): an address that is not registered, to the character, gets nothing', () => {
  const tricks: [string, (uri: string) => string][] = [
    ['the client as userinfo', (uri) => uri.replace('://', '://demo@')],
    ['the client’s host as userinfo of another', (uri) => `${uri.replace(/\/callback$/, '')}@evil.example/callback`],
    ['a backslash before another host', (uri) => uri.replace('/callback', '\\@evil.example/callback')],
    ['an encoded slash', (uri) => uri.replace('/callback', '%2Fcallback')],
    ['a path in other case', (uri) => uri.replace('/callback', '/Callback')],
    ['a scheme in other case', (uri) => uri.replace(/^http/, 'HTTP')],
    ['a way up', (uri) => `${uri}/../other`],
    ['an encoded way up', (uri) => `${uri}/%2e%2e/other`],
    ['a fragment', (uri) => `${uri}#evil`],
    ['a query', (uri) => `${uri}?next=https://evil.example`],
    ['a longer path', (uri) => `${uri}/evil`],
    ['a slash at the end', (uri) => `${uri}/`],
    ['two slashes', (uri) => uri.replace('/callback', '//callback')],
    ['a dot after the host', (uri) => uri.replace(/:(\d+)\//, '.:$1/')],
    ['a tab', (uri) => uri.replace('/callback', '/\tcallback')],
    ['a line break', (uri) => `${uri}\r\nlocation: https://evil.example`],
    ['a full-width character', (uri) => uri.replace('/callback', '/ｃallback')],
    ['another scheme', () => 'javascript:alert(1)'],
    ['no host', () => '//evil.example/callback'],
    ['another client’s address', () => evil.redirectUri],
    ['nothing', () => ''],
  ];

  test.each(tricks)('%s', async (_, trick) => {
    const client = token.client('demo');
    const response = await token.get(
      authorizationPath({ ...client, redirectUri: trick(client.redirectUri) }, newPkce()),
    );
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  });

  test('negative control: the address that is registered is answered', async () => {
    const response = await token.get(authorizationPath(token.client('demo'), newPkce(), { prompt: 'none' }));
    expect(locationOf(response).href.startsWith(token.client('demo').redirectUri)).toBe(true);
  });
});

describe('cross-site requests (RFC 9700 4.7): a form that another site sends is refused', () => {
  /** Every page that changes something. What begins at the client’s own site changes nothing: a GET follows it. */
  const begunAtClients = ['token.authorize-by-form', 'token.log-out-by-form'];
  const forms = endpoints.filter(
    ({ service, method, errorFormat, id }) =>
      service === 'token' && method === 'POST' && errorFormat === 'page' && !begunAtClients.includes(id),
  );
  const filledIn = { request_id: randomUUID(), email: 'a@b.example', password: 'x'.repeat(12), decision: 'allow', user_code: 'BCDF-GHJK' }; // prettier-ignore
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = new TestBrowser(token.issuer);
    await browser.submit(await browser.openLogin(authorizationPath(token.client('demo'), newPkce())), await token.account()); // prettier-ignore
  });
  const send = (path: string, fields: Form) => browser.post(path, { ...filledIn, ...fields });

  test('there are such forms', () => {
    expect(forms.length).toBeGreaterThan(3);
  });

  test.each(forms.map(({ path, id }) => [id, path] as const))('%s', async (_, path) => {
    for (const csrf_token of ['', 'made.up']) {
      const response = await send(path, { csrf_token });
      expect([400, 403]).toContain(response.status);
    }
  });

  test('negative control: with the protection off the same form is read', async () => {
    const csrf = token.part(CsrfProtection);
    const verify = csrf.verify.bind(csrf);
    csrf.verify = () => undefined;
    try {
      const browser = new TestBrowser(token.issuer);
      const { email, password } = await token.account();
      const page = await browser.openLogin(authorizationPath(token.client('demo'), newPkce()));
      const response = await browser.post('/login', { ...hiddenFields(page), email, password, csrf_token: 'made.up' });
      expect(response.status).toBe(303);
    } finally {
      csrf.verify = verify;
    }
  });
});

test('session fixation (RFC 9700 4.7): a login never continues the session whose cookie was there before', async () => {
  const attacker = new TestBrowser(token.issuer);
  const own = await token.account();
  await attacker.submit(await attacker.openLogin(authorizationPath(token.client('demo'), newPkce())), own);
  const planted = attacker.cookies.get('gatehouse-session') ?? '';
  const victim = new TestBrowser(token.issuer);
  victim.cookies.set('gatehouse-session', planted);
  const page = await victim.openLogin(authorizationPath(token.client('demo'), newPkce(), { prompt: 'login' }));
  await victim.submit(page, await token.account());
  expect(victim.cookies.get('gatehouse-session')).not.toBe(planted);
  const seen = locationOf(await attacker.get(authorizationPath(token.client('demo'), newPkce(), { prompt: 'none' })));
  expect(seen.searchParams.get('error')).toBe('login_required');
});

describe('forged tokens (RFC 8725)', () => {
  let listener: Server;
  let asked: string[];
  beforeAll(async () => {
    asked = [];
    listener = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end(JSON.stringify({ keys: [publicJwk] }));
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => listener.close(resolve)));

  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicJwk = { ...own.publicKey.export({ format: 'jwk' }), kid: 'evil', alg: 'ES256', use: 'sig' };
  const address = () => `http://127.0.0.1:${(listener.address() as AddressInfo).port}/keys`;
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const forged = (header: object, claims: object) => {
    const content = `${encode(header)}.${encode(claims)}`;
    const signature = signBytes('sha256', Buffer.from(content), { key: own.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${content}.${signature.toString('base64url')}`;
  };

  // ASVS 9.1.3, 9.2.2
  test.each<[string, () => object]>([
    ['a key in the header', () => ({ jwk: publicJwk })],
    ['the address of a key set', () => ({ jku: address() })],
    ['the address of a certificate', () => ({ x5u: address() })],
    ['the key id of a path', () => ({ kid: '../../../../dev/null' })],
    ['the key id of a statement', () => ({ kid: "x' OR '1'='1" })],
    ['a critical extension that nobody knows', () => ({ crit: ['x'], x: true })],
    ['another algorithm for the same key', () => ({ alg: 'ES384' })],
    ['no type', () => ({ typ: undefined })],
    ['the type of an ID token', () => ({ typ: 'JWT' })],
  ])('with %s is refused, and nothing is fetched', async (_, changes) => {
    const { access_token } = await token.login();
    const header = { ...decodeProtectedHeader(access_token), ...changes() };
    expect((await token.me(forged(header, decodeJwt(access_token)))).status).toBe(401);
    expect(asked).toEqual([]);
  });

  test('negative control: signed by the issuer’s key the same claims are accepted', async () => {
    const { access_token } = await token.login();
    const again = token.part(KeyRing).sign('at+jwt', { ...decodeJwt(access_token), jti: randomUUID() });
    expect((await token.me(again)).status).toBe(200);
  });

  // ASVS 9.2.1
  test('one that ended ten minutes ago, or begins in ten, is refused', async () => {
    const { access_token } = await token.login();
    const claims = decodeJwt(access_token);
    const at = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;
    for (const times of [
      { iat: at(-1_500), exp: at(-600) },
      { iat: at(600), nbf: at(600), exp: at(1_500) },
    ])
      expect((await token.me(token.part(KeyRing).sign('at+jwt', { ...claims, ...times }))).status).toBe(401);
  });

  test('one that is nested ten thousand deep, or longer than any token, is refused as cheaply as nonsense', async () => {
    const { access_token } = await token.login();
    const header = decodeProtectedHeader(access_token);
    const deep = `{"a":`.repeat(2_000) + '1' + '}'.repeat(2_000);
    const content = `${encode(header)}.${Buffer.from(deep).toString('base64url')}`;
    expect((await token.me(`${content}.AAAA`)).status).toBe(401);
    expect((await token.me('a'.repeat(100_000))).status).toBe(431);
    expect((await token.me(access_token)).status).toBe(200);
  });
});

test.each([
  ['the token endpoint', '/oauth/token', 'grant_type=refresh_token&refresh_token=a&refresh_token=b'],
  ['introspection', '/oauth/introspect', 'token=a&token=b'],
  ['revocation', '/oauth/revoke', 'token=a&token=b'],
  ['pushed requests', '/oauth/par', 'client_id=demo&client_id=evil'],
])('a parameter that comes twice is refused at %s (RFC 6749 3.2)', async (_, path, body) => {
  const { id, secret } = token.client('demo');
  const headers = {
    authorization: basic(id, secret),
    'content-type': 'application/x-www-form-urlencoded',
  };
  const response = await fetch(token.issuer + path, { method: 'POST', headers, body });
  expect(await refusalOf(response)).toEqual([400, 'invalid_request']);
});
