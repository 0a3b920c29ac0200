import { es256Key, KeySource, RevocationList, TokenVerifier } from '@gatehouse/authn';
import type { OutputOf, listSigningKeys } from '@gatehouse/contracts';
import { startService, type RunningService } from '@gatehouse/http';
import { eventually } from '@gatehouse/testing';
import { decodeProtectedHeader, type JWK } from 'jose';
import { PermissionStub } from './permissions.spec-support.ts';
import { tokenService } from './service.ts';
import { TokenHarness, tokensOf } from './token.spec-support.ts';

let permissions: PermissionStub;
let token: TokenHarness;
let other: RunningService;
beforeAll(async () => {
  permissions = await PermissionStub.start('admin');
  const RESOURCES = `authorization=${permissions.url}`;
  const settings = { AUTHORIZATION_URL: permissions.url, RESOURCES, SIGNING_ALGORITHMS: 'ES256' };
  token = await TokenHarness.start('signing-keys-api', settings);
  const env = { ...token.suite.env('token', { ports: 'reserved' }), ...settings, PORT: '0', ADMIN_PORT: '0' };
  other = await startService(tokenService, env);
  await eventually(() => expect(other.health.readiness().failing).toEqual([]), { within: '30s' });
}, 90_000);
afterAll(async () => {
  await other.close();
  await token.stop();
  await permissions.stop();
});

type Keys = OutputOf<typeof listSigningKeys>['items'];

async function tokenOf(client: 'admin' | 'demo'): Promise<string> {
  const form = { grant_type: 'client_credentials', resource: token.issuer };
  return (await tokensOf(await token.postForm('/oauth/token', form, token.client(client)))).access_token;
}
interface Call {
  readonly as?: 'admin' | 'demo' | null;
  readonly body?: unknown;
}
async function call(method: string, path: string, { as = 'admin', body }: Call = {}) {
  return fetch(`${token.issuer}/api/v1/keys${path}`, {
    method,
    headers: {
      ...(as && { authorization: `Bearer ${await tokenOf(as)}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}
async function list(): Promise<Keys> {
  const response = await call('GET', '');
  expect(response.status).toBe(200);
  return ((await response.json()) as { items: Keys }).items;
}
const kidOf = async (state: string) => (await list()).find((key) => key.state === state)?.kid ?? '';
async function jwksOf(url: string): Promise<JWK[]> {
  return ((await (await fetch(`${url}/oauth/jwks`)).json()) as { keys: JWK[] }).keys;
}
const kidsOf = async (url: string) => (await jwksOf(url)).map(({ kid }) => kid);
const me = (url: string, accessToken: string) =>
  fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${accessToken}` } });

describe('401 and 403', () => {
  test.each([
    ['GET', '', undefined],
    ['POST', '/rotation', {}],
    ['DELETE', '/some-key', undefined],
  ])('%s /api/v1/keys%s asks for a token with the permission', async (method, path, body) => {
    expect((await call(method, path, { as: null, body })).status).toBe(401);
    expect((await call(method, path, { as: 'demo', body })).status).toBe(403);
  });
});

test('the list tells the states and nothing private', async () => {
  const keys = await list();
  expect(keys.map(({ state }) => state).sort()).toEqual(['active', 'pre-published']);
  expect(Object.keys(keys[0] ?? {}).sort()).toEqual(
    ['active_from', 'algorithm', 'gone_at', 'kid', 'published_at', 'retiring_from', 'revoked_at', 'state'].sort(),
  );
});

test('rotation refuses a next key that a client may not have yet, says until when, and changes nothing', async () => {
  const before = await list();
  const response = await call('POST', '/rotation', { body: {} });
  expect([response.status, await response.json()]).toMatchObject([
    409,
    { code: 'conflict', detail: expect.stringMatching(/ES256 key may sign from 20\d\d-/) as string },
  ]);
  expect(await list()).toEqual(before);
  expect((await call('POST', '/rotation', { body: { algorithm: 'HS256' } })).status).toBe(400);
});

test('rotation lets the next key sign, in every instance, and tokens of the last one stay good', async () => {
  const [last, next] = [await kidOf('active'), await kidOf('pre-published')];
  const old = await tokenOf('demo');
  await token.sql("UPDATE signing_key SET published_at = published_at - interval '10 minutes'");
  const response = await call('POST', '/rotation', { body: { algorithm: 'ES256' } });
  expect([response.status, await response.json()]).toEqual([200, { activated: [{ kid: next, algorithm: 'ES256' }] }]);
  expect(decodeProtectedHeader(await tokenOf('demo')).kid).toBe(next);
  expect(await kidOf('retiring')).toBe(last);
  for (const url of [token.issuer, other.url]) {
    await eventually(async () => expect(await kidsOf(url)).toHaveLength(3), { within: '10s' });
    expect((await me(url, old)).status).toBe(200);
  }
});

test('a revoked key leaves the JWKS of every instance, another signs at once, and its tokens are refused everywhere', async () => {
  const [revoked, next] = [await kidOf('active'), await kidOf('pre-published')];
  const stolen = await tokenOf('demo');
  const stale = await staleVerifier();
  await expect(stale.following.verify(stolen)).resolves.toBeDefined();

  expect((await call('DELETE', `/${revoked}`)).status).toBe(204);
  const fresh = await tokenOf('demo');
  expect(decodeProtectedHeader(fresh).kid).toBe(next);
  for (const url of [token.issuer, other.url]) {
    await eventually(async () => expect(await kidsOf(url)).not.toContain(revoked), { within: '5s' });
    await eventually(async () => expect((await me(url, stolen)).status).toBe(401), { within: '5s' });
    await eventually(async () => expect((await me(url, fresh)).status).toBe(200), { within: '5s' });
  }
  // A service that still has the key in its JWKS, and has verified the token before.
  await expect(stale.following.verify(stolen)).rejects.toMatchObject({ detail: 'The token was revoked.' });
  // Negative control: without the revocation it would go on taking the token.
  await expect(stale.deaf.verify(stolen)).resolves.toBeDefined();

  const told = await token.events({ key: 'signing-keys' });
  expect(told.find(({ type }) => type === 'signing-key.revoked')?.data).toMatchObject({ kid: revoked });
  expect(await token.events({ key: `key:${revoked}` })).toMatchObject([{ data: { scope: 'key', id: revoked } }]);
});

test('revoking again changes nothing, and an unknown key is a 404', async () => {
  const events = (await token.events()).length;
  expect((await call('DELETE', `/${await kidOf('revoked')}`)).status).toBe(204);
  expect((await call('DELETE', '/unknown')).status).toBe(404);
  const later = (await token.events()).filter(({ type }) => /signing-key|token.revoked/.test(type)).length;
  const before = (await token.events())
    .slice(0, events)
    .filter(({ type }) => /signing-key|token.revoked/.test(type)).length;
  expect(later).toBe(before);
});

test('the private half of a revoked key is erased', async () => {
  const rows = await token.sql('SELECT sealed_private_key AS sealed FROM signing_key WHERE revoked_at IS NOT NULL');
  expect(rows).toEqual([{ sealed: null }]);
});

/** A resource server that never fetches its JWKS again, once with the revocations that this service published and once without. */
async function staleVerifier() {
  const jwks = await jwksOf(token.issuer);
  const keys = new Map(jwks.map((jwk) => [jwk.kid, es256Key(jwk)]));
  const source: KeySource = { find: (kid) => Promise.resolve(keys.get(kid)) };
  const expected = { issuer: token.issuer, audience: token.issuer };
  return {
    following: new TokenVerifier(expected, source, token.part(RevocationList)),
    deaf: new TokenVerifier(expected, source, new RevocationList()),
  };
}
