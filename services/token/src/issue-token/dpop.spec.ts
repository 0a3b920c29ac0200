import { randomUUID } from 'node:crypto';
import { ReplayedIds } from '@gatehouse/authn';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import * as oauth from 'oauth4webapi';
import { authorizationPath, locationOf, newPkce, TestBrowser, type Pkce } from '../browser.spec-support.ts';
import { basic, refusalOf, TokenHarness, tokensOf, type Tokens } from '../token.spec-support.ts';

let token: TokenHarness;
const CALLBACK = 'https://app.example/callback';
const SECRET = 'w'.repeat(43);
const credentialsOf = (id: string) => (id === 'spa' ? undefined : { id, secret: SECRET });
beforeAll(async () => {
  token = await TokenHarness.start('dpop');
  const client = {
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token'],
    scopes: ['openid'],
  };
  await token.seed({
    clients: [
      { ...client, id: 'spa', token_endpoint_auth_method: 'none' },
      { ...client, id: 'web', secret: SECRET },
      { ...client, id: 'bank', secret: SECRET },
    ],
  });
  await token.sql('UPDATE client SET policy = policy || \'{"security_profile":"fapi2"}\' WHERE id = \'bank\'');
}, 60_000);
afterAll(() => token.stop());

interface Key {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  readonly jkt: string;
}

async function newKey(): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { privateKey, jwk, jkt: await calculateJwkThumbprint(jwk) };
}

let nonce = '';
const proofBy = ({ privateKey, jwk }: Key, changes: Record<string, unknown> = {}) =>
  new SignJWT({
    jti: randomUUID(),
    htm: 'POST',
    htu: `${token.issuer}/oauth/token`,
    iat: Math.floor(Date.now() / 1_000),
    nonce,
    ...changes,
  })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
    .sign(privateKey);

/** A token request with a proof; the nonce that the server asks for is used at the second try. */
async function request(
  form: Record<string, string>,
  proof: () => Promise<string>,
  client?: { id: string; secret: string },
) {
  const send = async () =>
    fetch(`${token.issuer}/oauth/token`, {
      method: 'POST',
      headers: { dpop: await proof(), ...(client && { authorization: basic(client.id, client.secret) }) },
      body: new URLSearchParams(form),
    });
  const first = await send();
  const given = first.headers.get('dpop-nonce');
  if (given !== null) nonce = given;
  if (first.status !== 400 || ((await first.clone().json()) as { error: string }).error !== 'use_dpop_nonce')
    return first;
  return send();
}

const grant = { grant_type: 'client_credentials' };
const ofAdmin = (key: Key) => request(grant, () => proofBy(key), token.client('admin'));

async function codeFor(client: string, changes: Record<string, string> = {}): Promise<{ code: string; pkce: Pkce }> {
  const { email, password } = await token.account();
  const browser = new TestBrowser(token.issuer);
  const pkce = newPkce();
  const plain = authorizationPath({ id: client, redirectUri: CALLBACK }, pkce, { scope: 'openid', ...changes });
  const path = client === 'bank' ? await pushed(client, plain) : plain;
  const answer = locationOf(await browser.submit(await browser.openLogin(path), { email, password }));
  return { code: answer.searchParams.get('code') ?? '', pkce };
}

/** A FAPI 2.0 client pushes its requests. */
async function pushed(id: string, path: string): Promise<string> {
  const parameters = Object.fromEntries(new URL(path, token.issuer).searchParams);
  const response = await token.postForm('/oauth/par', parameters, credentialsOf(id));
  const { request_uri } = (await response.json()) as { request_uri: string };
  return `/oauth/authorize?${new URLSearchParams({ client_id: id, request_uri }).toString()}`;
}

function exchange(id: string, { code, pkce }: { code: string; pkce: Pkce }, key: Key): Promise<Response> {
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: pkce.verifier };
  const client = credentialsOf(id);
  return request(client ? form : { ...form, client_id: id }, () => proofBy(key), client);
}

// ASVS 10.4.14
test('a token that was asked for with a proof names its key and says how it is used', async () => {
  const key = await newKey();
  const response = await ofAdmin(key);
  const { claims, ...body } = await tokensOf(response);
  expect(body).toMatchObject({ token_type: 'DPoP' });
  expect(claims['cnf']).toEqual({ jkt: key.jkt });
});

test('without a nonce of the server there is one, and nothing else (RFC 9449 8)', async () => {
  const key = await newKey();
  const { id, secret } = token.client('admin');
  const headers = { dpop: await proofBy(key, { nonce: undefined }), authorization: basic(id, secret) };
  const response = await fetch(`${token.issuer}/oauth/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(grant),
  });
  expect(response.headers.get('dpop-nonce')).toMatch(/^[\w-]{43}$/);
  expect(await refusalOf(response)).toEqual([400, 'use_dpop_nonce']);
});

test.each<[string, (key: Key) => Promise<string>]>([
  ['another URL', (key) => proofBy(key, { htu: `${token.issuer}/oauth/revoke` })],
  ['another method', (key) => proofBy(key, { htm: 'GET' })],
  ['no id', (key) => proofBy(key, { jti: undefined })],
  ['an old date', (key) => proofBy(key, { iat: 1 })],
  ['a second proof behind a comma', async (key) => `${await proofBy(key)},${await proofBy(key)}`],
  ['no JWT', () => Promise.resolve('abc')],
])('a proof with %s is invalid_dpop_proof, and no token leaves', async (_, proof) => {
  const key = await newKey();
  await ofAdmin(key);
  const before = (await token.events({ type: 'token.issued' })).length;
  const response = await request(grant, () => proof(key), token.client('admin'));
  expect(await refusalOf(response)).toEqual([400, 'invalid_dpop_proof']);
  expect(await token.events({ type: 'token.issued' })).toHaveLength(before);
});

test('a proof is good once; negative control: with the memory off it is good twice', async () => {
  const key = await newKey();
  await ofAdmin(key);
  const twice = async () => {
    const proof = await proofBy(key);
    const send = () => request(grant, () => Promise.resolve(proof), token.client('admin'));
    return [(await send()).status, (await send()).status];
  };
  expect(await twice()).toEqual([200, 400]);
  const ids = token.part(ReplayedIds);
  const use = ids.use.bind(ids);
  ids.use = () => Promise.resolve(true);
  try {
    expect(await twice()).toEqual([200, 200]);
  } finally {
    ids.use = use;
  }
});

test('a code that is bound to a key is worth nothing with another one (RFC 9449 10)', async () => {
  const [key, thief] = [await newKey(), await newKey()];
  const code = await codeFor('spa', { dpop_jkt: key.jkt });
  expect(await refusalOf(await exchange('spa', code, thief))).toEqual([400, 'invalid_grant']);
  expect((await tokensOf(await exchange('spa', code, key))).token_type).toBe('DPoP');
});

describe('refreshing', () => {
  const refresh = (id: string, { refresh_token }: Tokens, key: Key) => {
    const form = { grant_type: 'refresh_token', refresh_token };
    const client = credentialsOf(id);
    return request(client ? form : { ...form, client_id: id }, () => proofBy(key), client);
  };

  test('a public client needs the key that it began with: a stolen refresh token is of no use', async () => {
    const [key, thief] = [await newKey(), await newKey()];
    const tokens = await tokensOf(await exchange('spa', await codeFor('spa'), key));
    expect(await refusalOf(await refresh('spa', tokens, thief))).toEqual([400, 'invalid_grant']);
    const bare = await token.postForm('/oauth/token', {
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
      client_id: 'spa',
    });
    expect(await refusalOf(bare)).toEqual([400, 'invalid_grant']);
    expect((await tokensOf(await refresh('spa', tokens, key))).claims['cnf']).toEqual({ jkt: key.jkt });
  });

  test('a confidential client may change its key (RFC 9449 5)', async () => {
    const [key, next] = [await newKey(), await newKey()];
    const tokens = await tokensOf(await exchange('web', await codeFor('web'), key));
    expect((await tokensOf(await refresh('web', tokens, next))).claims['cnf']).toEqual({ jkt: next.jkt });
  });

  test('a FAPI 2.0 client keeps its refresh token, another one gets a new one (FAPI 2.0 5.3.2.1)', async () => {
    const key = await newKey();
    const keptBy = async (id: string) => {
      const tokens = await tokensOf(await exchange(id, await codeFor(id), key));
      const next = await tokensOf(await refresh(id, tokens, key));
      expect(next.claims.jti).not.toBe(tokens.claims.jti);
      return next.refresh_token === tokens.refresh_token;
    };
    expect([await keptBy('bank'), await keptBy('web')]).toEqual([true, false]);
  });
});

test('userinfo takes a bound token with its proof, and not as a bearer token', async () => {
  const key = await newKey();
  const { access_token } = await tokensOf(await exchange('spa', await codeFor('spa'), key));
  const bearer = await fetch(`${token.issuer}/oauth/userinfo`, {
    headers: { authorization: `Bearer ${access_token}` },
  });
  expect(bearer.status).toBe(401);
  const { privateKey, jwk } = key;
  const DPoP = oauth.DPoP(
    {},
    {
      privateKey,
      publicKey: await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']),
    },
  );
  const ask = () =>
    oauth.protectedResourceRequest(
      access_token,
      'GET',
      new URL(`${token.issuer}/oauth/userinfo`),
      undefined,
      undefined,
      {
        DPoP,
        [oauth.allowInsecureRequests]: true,
      },
    );
  const response = await ask().catch((error: unknown) => {
    if (oauth.isDPoPNonceError(error)) return ask();
    throw error;
  });
  expect(await response.json()).toEqual({ sub: expect.any(String) as string });
});

test('oauth4webapi gets bound tokens by itself, the nonce included', async () => {
  const issuer = new URL(token.issuer);
  const insecure = { [oauth.allowInsecureRequests]: true };
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { ...insecure }));
  expect(server.dpop_signing_alg_values_supported).toContain('ES256');
  const client = { client_id: 'admin' };
  const DPoP = oauth.DPoP({}, await oauth.generateKeyPair('ES256', { extractable: true }));
  const secret = oauth.ClientSecretBasic(token.client('admin').secret);
  const get = async () =>
    oauth.processClientCredentialsResponse(
      server,
      client,
      await oauth.clientCredentialsGrantRequest(server, client, secret, {}, { DPoP, ...insecure }),
    );
  const tokens = await get().catch((error: unknown) => {
    if (oauth.isDPoPNonceError(error)) return get();
    throw error;
  });
  expect(tokens.token_type).toBe('dpop');
});
