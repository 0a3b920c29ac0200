import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { authorizationPath, locationOf, newPkce, TestBrowser } from '../browser.spec-support.ts';
import { Clients } from '../store/clients.ts';
import { TokenHarness, tokensOf } from '../token.spec-support.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('read-userinfo');
}, 60_000);
afterAll(() => token.stop());

const userinfo = (accessToken: string, method = 'GET') =>
  fetch(`${token.issuer}/oauth/userinfo`, { method, headers: { authorization: `Bearer ${accessToken}` } });

// ASVS 10.3.2
test('by GET and by POST it says what the scopes of the token allow', async () => {
  const { access_token, accountId } = await token.login({ scope: 'openid email' });
  for (const method of ['GET', 'POST']) {
    const response = await userinfo(access_token, method);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      sub: accountId,
      email: expect.stringContaining('@example.com') as string,
      email_verified: true,
    });
  }
});

test('openid alone gives the subject, and claims asked for by name come with it (OIDC Core 5.5)', async () => {
  const plain = await token.login({ scope: 'openid' });
  expect(await (await userinfo(plain.access_token)).json()).toEqual({ sub: plain.accountId });
  const claims = JSON.stringify({ userinfo: { email: { essential: true }, picture: null } });
  const asked = await token.login({ scope: 'openid', claims });
  expect(Object.keys((await (await userinfo(asked.access_token)).json()) as object).sort()).toEqual(['email', 'sub']);
});

test('a token without openid is told what it lacks, and no token what is needed (RFC 6750 3)', async () => {
  const { access_token } = await token.login({ scope: 'email' });
  const lacking = await userinfo(access_token);
  expect(lacking.status).toBe(403);
  expect(lacking.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope", scope="openid"');
  const missing = await token.get('/oauth/userinfo');
  expect(missing.status).toBe(401);
  expect(missing.headers.get('www-authenticate')).toMatch(/^Bearer/);
});

describe('a client that registered userinfo_signed_response_alg', () => {
  const SIGNED = { id: 'signed', secret: 's'.repeat(43) };
  const CALLBACK = 'https://app.example/callback';
  const signedBy = (algorithm: string) =>
    token.seed({
      clients: [
        {
          ...SIGNED,
          redirect_uris: [CALLBACK],
          grant_types: ['authorization_code'],
          scopes: ['openid', 'email'],
          userinfo_signed_response_alg: algorithm,
        },
      ],
    });
  const loggedIn = async () => {
    const { email, password, id } = await token.account();
    const [browser, pkce] = [new TestBrowser(token.issuer), newPkce()];
    const path = authorizationPath({ id: SIGNED.id, redirectUri: CALLBACK }, pkce, { scope: 'openid email' });
    const answer = locationOf(await browser.submit(await browser.openLogin(path), { email, password }));
    const code = answer.searchParams.get('code') ?? '';
    const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: pkce.verifier };
    return { id, email, ...(await tokensOf(await token.postForm('/oauth/token', form, SIGNED))) };
  };

  test.each(['ES256', 'EdDSA'])('gets a JWT by %s for itself (OIDC Core 5.3.2)', async (algorithm) => {
    await signedBy(algorithm);
    token.part(Clients).forget(SIGNED.id);
    const { access_token, id, email } = await loggedIn();
    const keys = createLocalJWKSet((await (await token.get('/oauth/jwks')).json()) as JSONWebKeySet);
    for (const method of ['GET', 'POST']) {
      const response = await userinfo(access_token, method);
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/jwt']);
      const expected = { issuer: token.issuer, audience: SIGNED.id, typ: 'JWT', algorithms: [algorithm] };
      const { payload } = await jwtVerify(await response.text(), keys, expected);
      expect(payload).toEqual({ iss: token.issuer, aud: SIGNED.id, sub: id, email, email_verified: true });
    }
  });

  test('and cannot use it as an access token, or in the place of an ID token', async () => {
    const { access_token } = await loggedIn();
    const jwt = await (await userinfo(access_token)).text();
    expect((await userinfo(jwt)).status).toBe(401);
    const browser = new TestBrowser(token.issuer);
    const hint = { prompt: 'none', id_token_hint: jwt };
    const path = authorizationPath({ id: SIGNED.id, redirectUri: CALLBACK }, newPkce(), hint);
    expect(locationOf(await browser.get(path)).searchParams.get('error')).toBe('invalid_request');
  });
});
