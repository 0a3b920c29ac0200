import { createHmac, randomUUID } from 'node:crypto';
import {
  CompactSign,
  decodeJwt,
  exportJWK,
  generateKeyPair,
  SignJWT,
  UnsecuredJWT,
  type CryptoKey,
  type JWTPayload,
} from 'jose';
import { authorizationPath, locationOf, newPkce, TestBrowser, type Form, type Pkce } from '../browser.spec-support.ts';
import { RequestObjects } from '../protocol/request-objects.ts';
import { refusalOf, TokenHarness, tokensOf } from '../token.spec-support.ts';

const CALLBACK = 'https://signer.example/callback';
const SECRET = 's'.repeat(43);
let token: TokenHarness;
let key: CryptoKey;
let stranger: CryptoKey;
let rsa: CryptoKey;
let publicJwk: Record<string, unknown>;
beforeAll(async () => {
  token = await TokenHarness.start('signed-requests');
  const pair = await generateKeyPair('ES256');
  const rsaPair = await generateKeyPair('PS256');
  [key, rsa] = [pair.privateKey, rsaPair.privateKey];
  stranger = (await generateKeyPair('ES256')).privateKey;
  publicJwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1' };
  const keys = [publicJwk, { ...(await exportJWK(rsaPair.publicKey)), kid: 'r1' }];
  const common = {
    secret: SECRET,
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code'],
    scopes: ['openid', 'email'],
  };
  await token.seed({
    clients: [
      { ...common, id: 'signer', jwks: { keys } },
      { ...common, id: 'strict', jwks: { keys }, require_signed_request_object: true },
      { ...common, id: 'elliptic', jwks: { keys }, request_object_signing_alg: 'ES256' },
      { ...common, id: 'prover', jwks: { keys }, secret: undefined, token_endpoint_auth_method: 'private_key_jwt' },
      { ...common, id: 'keyless' },
      { ...common, id: 'unreachable', jwks_uri: 'http://127.0.0.1:1/jwks' },
    ],
  });
}, 60_000);
afterAll(() => token.stop());

const nowS = () => Math.floor(Date.now() / 1_000);
/** What stands inside: an authorization request with the claims that say from whom, for whom and until when. */
function claimsOf(id: string, changes: Record<string, unknown> = {}, pkce = newPkce()): JWTPayload {
  const path = authorizationPath({ id, redirectUri: CALLBACK }, pkce, { state: 'inside' });
  const parameters = Object.fromEntries(new URL(path, token.issuer).searchParams);
  return {
    ...parameters,
    iss: id,
    aud: token.issuer,
    jti: randomUUID(),
    nbf: nowS(),
    exp: nowS() + 60,
    ...changes,
  };
}
const sign = (claims: JWTPayload, by = key, header: { alg?: string; typ?: string; kid?: string } = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'oauth-authz-req+jwt', ...header }).sign(by);
const pathOf = (id: string, request: string, beside: Form = {}) =>
  `/oauth/authorize?${new URLSearchParams({ client_id: id, request, ...(beside as Record<string, string>) }).toString()}`;
const client = (id: string) => ({ id, secret: SECRET, redirectUri: CALLBACK });

async function answerTo(path: string): Promise<{ answer: URL; accountId: string }> {
  const { id, email, password } = await token.account();
  const browser = new TestBrowser(token.issuer);
  const answer = locationOf(await browser.submit(await browser.openLogin(path), { email, password }));
  return { answer, accountId: id };
}

async function scopeOf(id: string, code: string | null, pkce: Pkce): Promise<string> {
  const form = { grant_type: 'authorization_code', code: code ?? '', redirect_uri: CALLBACK };
  const tokens = await token.postForm('/oauth/token', { ...form, code_verifier: pkce.verifier }, client(id));
  return (await tokensOf(tokens)).scope;
}

describe('a signed request', () => {
  test('is served as it stands inside; what stands beside it counts for nothing', async () => {
    const pkce = newPkce();
    const request = await sign(claimsOf('signer', { scope: 'openid' }, pkce));
    const beside = { scope: 'openid email', state: 'outside', redirect_uri: 'https://evil.example/', prompt: 'none' };
    const { answer } = await answerTo(pathOf('signer', request, beside));
    expect(answer.origin + answer.pathname).toBe(CALLBACK);
    expect(answer.searchParams.get('state')).toBe('inside');
    expect(await scopeOf('signer', answer.searchParams.get('code'), pkce)).toBe('openid');
  });

  test('negative control: where both are merged, a link adds what the client did not sign', async () => {
    const objects = token.part(RequestObjects);
    const read = objects.read.bind(objects);
    objects.read = async (parameters, of) => ({ ...parameters, ...(await read(parameters, of)), request: undefined });
    try {
      const request = await sign(claimsOf('signer'));
      const answer = locationOf(await token.get(pathOf('signer', request, { prompt: 'none' })));
      expect(answer.searchParams.get('error')).toBe('login_required');
    } finally {
      objects.read = read;
    }
  });

  test.each([
    ['PS256', () => sign(claimsOf('signer'), rsa, { alg: 'PS256', kid: 'r1' })],
    ['the type that OpenID clients send', () => sign(claimsOf('signer'), key, { typ: 'JWT' })],
  ])('is served with %s', async (_, request) => {
    expect(locationOf(await token.get(pathOf('signer', await request()))).pathname).toBe('/login');
  });

  test('is pushed like any other (RFC 9126 3): inside counts, and its errors come as JSON', async () => {
    const pkce = newPkce();
    const request = await sign(claimsOf('strict', { scope: 'openid' }, pkce));
    const pushed = await token.postForm('/oauth/par', { request, scope: 'openid email' }, client('strict'));
    expect(pushed.status).toBe(201);
    const { request_uri } = (await pushed.json()) as { request_uri: string };
    const { answer } = await answerTo(
      `/oauth/authorize?${new URLSearchParams({ client_id: 'strict', request_uri }).toString()}`,
    );
    expect(answer.searchParams.get('state')).toBe('inside');
    expect(await scopeOf('strict', answer.searchParams.get('code'), pkce)).toBe('openid');
    const forged = await sign(claimsOf('strict'), stranger);
    expect(await refusalOf(await token.postForm('/oauth/par', { request: forged }, client('strict')))).toEqual([
      400,
      'invalid_request_object',
    ]);
  });

  test('and an assertion by which a client authenticates are not taken for each other (RFC 9101 10.8)', async () => {
    const assertion = await sign(claimsOf('prover', { sub: 'prover' }), key, { typ: 'JWT' });
    const request = await sign(claimsOf('prover'), key, { typ: 'JWT' });
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const push = (client_assertion: string, pushed: string) =>
      token.postForm('/oauth/par', { client_id: 'prover', client_assertion_type, client_assertion, request: pushed });
    expect(await refusalOf(await push(request, request))).toEqual([401, 'invalid_client']);
    expect(await refusalOf(await push(assertion, assertion))).toEqual([400, 'invalid_request_object']);
    expect((await push(await sign(claimsOf('prover', { sub: 'prover' })), request)).status).toBe(201);
  });
});

describe('invalid_request_object, by redirect where the parameters beside it name a registered URI', () => {
  const beside = { redirect_uri: CALLBACK, state: 'outside', response_type: 'code' };
  const unsigned = (header: object, claims: JWTPayload, signature = '') =>
    [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + `.${signature}`;
  /** Algorithm confusion: the public key, which everybody has, as the secret of an HMAC. */
  function confused(claims: JWTPayload): string {
    const input = unsigned({ alg: 'HS256', kid: 'k1', typ: 'oauth-authz-req+jwt' }, claims).slice(0, -1);
    return `${input}.${createHmac('sha256', JSON.stringify(publicJwk)).update(input).digest('base64url')}`;
  }

  test.each<[string, string, () => Promise<string> | string]>([
    ['no signature', 'signer', () => new UnsecuredJWT(claimsOf('signer')).encode()],
    ['alg none in another case', 'signer', () => unsigned({ alg: 'NONE' }, claimsOf('signer'))],
    ['the key of somebody else', 'signer', () => sign(claimsOf('signer'), stranger)],
    ['the public key as a secret', 'signer', () => confused(claimsOf('signer'))],
    ['a key that it brings along', 'signer', () => brought()],
    ['a kid that is not registered', 'signer', () => sign(claimsOf('signer'), key, { kid: '../k1' })],
    ['the type of a client assertion', 'signer', () => sign(claimsOf('signer'), key, { typ: 'client-authentication+jwt' })], // prettier-ignore
    ['the type of a proof', 'signer', () => sign(claimsOf('signer'), key, { typ: 'dpop+jwt' })],
    ['another algorithm than the registered one', 'elliptic', () => sign(claimsOf('elliptic'), rsa, { alg: 'PS256', kid: 'r1' })], // prettier-ignore
    ['a client without keys', 'keyless', () => sign(claimsOf('keyless'))],
    ['keys that cannot be fetched', 'unreachable', () => sign(claimsOf('unreachable'))],
    ['the object of another client', 'signer', () => sign(claimsOf('strict'))],
    ['another audience', 'signer', () => sign(claimsOf('signer', { aud: 'https://other.example' }))],
    ['an expiry in the past', 'signer', () => sign(claimsOf('signer', { exp: nowS() - 1 }))],
    ['an object inside', 'signer', () => sign(claimsOf('signer', { request: 'e30.e30.' }))],
    ['a reference inside', 'signer', () => sign(claimsOf('signer', { request_uri: 'https://signer.example/r' }))],
    ['no JWT', 'signer', () => 'nonsense'],
    ['an encrypted object', 'signer', () => 'e30.e30.e30.e30.e30'],
    ['a list instead of claims', 'signer', () => signedList()],
  ])('%s', async (_, id, request) => {
    const answer = locationOf(await token.get(pathOf(id, await request(), beside)));
    expect(answer.origin + answer.pathname).toBe(CALLBACK);
    expect(Object.fromEntries(answer.searchParams)).toMatchObject({
      error: 'invalid_request_object',
      state: 'outside',
      iss: token.issuer,
    });
  });

  async function brought(): Promise<string> {
    const pair = await generateKeyPair('ES256');
    const jwk = await exportJWK(pair.publicKey);
    return new SignJWT(claimsOf('signer')).setProtectedHeader({ alg: 'ES256', jwk }).sign(pair.privateKey);
  }

  async function signedList(): Promise<string> {
    return new CompactSign(Buffer.from('[]')).setProtectedHeader({ alg: 'ES256', kid: 'k1' }).sign(key);
  }

  test('without such a URI it stays on a page of ours, whatever the object says', async () => {
    const forged = await sign(claimsOf('signer', { redirect_uri: 'https://evil.example/' }), stranger);
    const response = await token.get(pathOf('signer', forged));
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
    expect(await response.text()).toContain('invalid_request_object');
  });

  test('a URI that is not registered is not used either where the signature is right', async () => {
    const request = await sign(claimsOf('signer', { redirect_uri: 'https://evil.example/' }));
    expect((await token.get(pathOf('signer', request, beside))).status).toBe(400);
  });

  test('negative control: a reader that does not look at the signature serves what anybody wrote', async () => {
    const objects = token.part(RequestObjects) as unknown as Record<'verified', (request: string) => unknown>; // -- private
    const { verified } = objects;
    objects.verified = (request) => Promise.resolve(decodeJwt(request));
    try {
      const forged = await sign(claimsOf('signer'), stranger);
      expect(locationOf(await token.get(pathOf('signer', forged, beside))).pathname).toBe('/login');
    } finally {
      objects.verified = verified;
    }
  });
});

describe('a client that has to sign', () => {
  test('is refused a plain request, at both endpoints', async () => {
    const path = authorizationPath(client('strict'), newPkce());
    expect(locationOf(await token.get(path)).searchParams.get('error')).toBe('invalid_request');
    const form = Object.fromEntries(new URL(path, token.issuer).searchParams);
    expect(await refusalOf(await token.postForm('/oauth/par', form, client('strict')))).toEqual([
      400,
      'invalid_request',
    ]);
  });

  test('is served a signed one', async () => {
    const { answer } = await answerTo(pathOf('strict', await sign(claimsOf('strict'))));
    expect(answer.searchParams.get('code')).toMatch(/^gh_code_/);
  });
});

test('a request by reference is not fetched, and discovery says so', async () => {
  const path = authorizationPath(client('signer'), newPkce(), { request_uri: 'https://signer.example/request' });
  expect(locationOf(await token.get(path)).searchParams.get('error')).toBe('request_uri_not_supported');
  const discovery = await (await token.get('/.well-known/oauth-authorization-server')).json();
  expect(discovery).toMatchObject({
    request_parameter_supported: true,
    request_uri_parameter_supported: false,
    request_object_signing_alg_values_supported: ['ES256', 'PS256', 'RS256', 'EdDSA'],
    require_signed_request_object: false,
  });
});
