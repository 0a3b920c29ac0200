import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
} from 'jose';
import { authorizationPath, hiddenFields, locationOf, newPkce, TestBrowser } from '../browser.spec-support.ts';
import { isSigned } from '../domain/authorization-response.ts';
import { NextPages } from '../protocol/next-page.ts';
import { TokenHarness, tokensOf } from '../token.spec-support.ts';

const CALLBACK = 'https://bank.example/callback';
const SECRET = 'b'.repeat(43);
const BANK = { id: 'bank', secret: SECRET, redirectUri: CALLBACK };
let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('signed-responses');
  const common = {
    secret: SECRET,
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code'],
    scopes: ['openid', 'email'],
  };
  await token.seed({
    clients: [
      { ...common, id: 'bank', authorization_signed_response_alg: 'PS256' },
      { ...common, id: 'plain' },
      { ...common, id: 'asking', first_party: false, authorization_signed_response_alg: 'EdDSA' },
    ],
  });
}, 60_000);
afterAll(() => token.stop());

type Changes = Parameters<typeof authorizationPath>[2];
const path = (changes: Changes, client = BANK, pkce = newPkce()) => authorizationPath(client, pkce, changes);

/** The claims of a signed answer, verified as JARM 2.4 asks. */
async function verified(jwt: string, audience = 'bank'): Promise<JWTPayload> {
  const jwks = (await (await token.get('/oauth/jwks')).json()) as JSONWebKeySet;
  const { payload } = await jwtVerify(jwt, createLocalJWKSet(jwks), { issuer: token.issuer, audience });
  return payload;
}

async function answerTo(authorization: string): Promise<Response> {
  const { email, password } = await token.account();
  const browser = new TestBrowser(token.issuer);
  return browser.submit(await browser.openLogin(authorization), { email, password });
}

describe('the answer as one signed JWT (JARM)', () => {
  test.each(['jwt', 'query.jwt'])('%s: in the query, with nothing beside it', async (response_mode) => {
    const pkce = newPkce();
    const location = locationOf(await answerTo(path({ response_mode }, BANK, pkce)));
    expect([...location.searchParams.keys()]).toEqual(['response']);
    const jwt = location.searchParams.get('response') ?? '';
    expect(decodeProtectedHeader(jwt)).toMatchObject({ alg: 'PS256' });
    const { code, exp = 0, ...rest } = await verified(jwt);
    expect(rest).toEqual({ iss: token.issuer, aud: 'bank', state: 'state-1' });
    expect(exp - Date.now() / 1_000).toBeLessThanOrEqual(600);
    const form = { grant_type: 'authorization_code', code: String(code), redirect_uri: CALLBACK };
    const tokens = await token.postForm('/oauth/token', { ...form, code_verifier: pkce.verifier }, BANK);
    expect((await tokensOf(tokens)).id_token).toEqual(expect.any(String));
  });

  test('fragment.jwt: in the fragment', async () => {
    const location = locationOf(await answerTo(path({ response_mode: 'fragment.jwt' })));
    expect(location.search).toBe('');
    const jwt = new URLSearchParams(location.hash.slice(1)).get('response') ?? '';
    expect(await verified(jwt)).toMatchObject({ code: expect.stringMatching(/^gh_code_/) as string });
  });

  test('form_post.jwt: in a form', async () => {
    const response = await answerTo(path({ response_mode: 'form_post.jwt' }));
    expect(response.status).toBe(200);
    const { response: jwt = '', ...nothing } = hiddenFields(await response.text());
    expect(nothing).toEqual({});
    expect(await verified(jwt)).toMatchObject({ state: 'state-1' });
  });

  test('with ES256 for a client that registered none', async () => {
    const location = locationOf(await answerTo(path({ response_mode: 'jwt' }, { ...BANK, id: 'plain' })));
    const jwt = location.searchParams.get('response') ?? '';
    expect(decodeProtectedHeader(jwt)).toMatchObject({ alg: 'ES256' });
    await verified(jwt, 'plain');
  });

  test('is no ID token: it cannot come back as a hint', async () => {
    const location = locationOf(await answerTo(path({ response_mode: 'jwt' })));
    const id_token_hint = location.searchParams.get('response') ?? '';
    expect((await token.get(`/oauth/logout?${new URLSearchParams({ id_token_hint }).toString()}`)).status).toBe(400);
  });

  test('is what a pushed request gets, too', async () => {
    const form = Object.fromEntries(new URL(path({ response_mode: 'jwt' }), token.issuer).searchParams);
    const pushed = (await (await token.postForm('/oauth/par', form, BANK)).json()) as { request_uri: string };
    const query = new URLSearchParams({ client_id: 'bank', request_uri: pushed.request_uri });
    const location = locationOf(await answerTo(`/oauth/authorize?${query.toString()}`));
    expect([...location.searchParams.keys()]).toEqual(['response']);
  });
});

describe('errors', () => {
  /** What the client gets outside of a signed answer. */
  async function unsigned(authorization: string): Promise<string[]> {
    const { searchParams } = locationOf(await token.get(authorization));
    return [...searchParams.keys()].filter((name) => name !== 'response');
  }

  test.each<[string, Changes, string]>([
    ['of the request', { scope: 'openid admin' }, 'invalid_scope'],
    ['of what nobody may be asked', { prompt: 'none' }, 'login_required'],
    ['of a request object', { request: 'nonsense' }, 'invalid_request_object'],
  ])('%s are signed, too', async (_, changes, error) => {
    const authorization = path({ response_mode: 'jwt', ...changes });
    expect(await unsigned(authorization)).toEqual([]);
    const jwt = locationOf(await token.get(authorization)).searchParams.get('response') ?? '';
    expect(await verified(jwt)).toMatchObject({ error, state: 'state-1', aud: 'bank' });
  });

  test('that come before the mode is known do not go out in plain to a client that registered for signed answers', async () => {
    expect(await unsigned(path({ response_mode: 'web_message' }))).toEqual([]);
    expect(await unsigned(path({ request: 'nonsense' }))).toEqual([]);
    expect(await unsigned(path({ response_mode: 'web_message' }, { ...BANK, id: 'plain' }))).toContain('error');
  });

  test('negative control: where only codes are signed, the same errors are found in the query', async () => {
    const pages = token.part(NextPages);
    const show = pages.show.bind(pages);
    pages.show = (next) =>
      show('to' in next && isSigned(next.to) ? { ...next, to: { ...next.to, responseMode: 'query' } } : next);
    try {
      expect(await unsigned(path({ response_mode: 'jwt', scope: 'openid admin' }))).toContain('error');
    } finally {
      pages.show = show;
    }
  });

  test('a person who says no is told of in a signed answer', async () => {
    const { email, password } = await token.account();
    const browser = new TestBrowser(token.issuer);
    const page = await browser.openLogin(path({ response_mode: 'jwt' }, { ...BANK, id: 'asking' }));
    const question = locationOf(await browser.submit(page, { email, password }));
    const form = await (await browser.get(question.href)).text();
    const answer = locationOf(await browser.submit(form, { decision: 'deny' }));
    expect([...answer.searchParams.keys()]).toEqual(['response']);
    const jwt = answer.searchParams.get('response') ?? '';
    expect(decodeProtectedHeader(jwt)).toMatchObject({ alg: 'EdDSA' });
    expect(decodeJwt(jwt)).toMatchObject({ error: 'access_denied', aud: 'asking', state: 'state-1' });
  });
});

test('discovery names the modes and the algorithms', async () => {
  const discovery = (await (await token.get('/.well-known/openid-configuration')).json()) as Record<string, string[]>;
  expect(discovery['response_modes_supported']).toEqual(
    expect.arrayContaining(['query', 'jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt']),
  );
  expect(discovery['authorization_signing_alg_values_supported']).toEqual(['ES256', 'PS256', 'RS256', 'EdDSA']);
});
