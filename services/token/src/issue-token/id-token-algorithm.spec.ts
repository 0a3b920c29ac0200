import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { authorizationPath, locationOf, newPkce, TestBrowser } from '../browser.spec-support.ts';
import { TokenHarness, tokensOf } from '../token.spec-support.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('id-token-algorithm');
}, 60_000);
afterAll(() => token.stop());

test.each(['ES256', 'RS256', 'PS256', 'EdDSA'])(
  'a client that registers %s gets ID tokens signed by it, verifiable by the JWKS, and may send them back as a hint',
  async (algorithm) => {
    const id = `client-${algorithm}`;
    const redirectUri = 'https://app.example/callback';
    const secret = 's'.repeat(43);
    const client = {
      id,
      secret,
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code'],
      scopes: ['openid'],
    };
    await token.seed({ clients: [{ ...client, id_token_signed_response_alg: algorithm }] });
    const { email, password, id: accountId } = await token.account();
    const [browser, pkce] = [new TestBrowser(token.issuer), newPkce()];
    const path = (more: Record<string, string> = {}) =>
      authorizationPath({ id, redirectUri }, pkce, { scope: 'openid', ...more });
    const answer = locationOf(await browser.submit(await browser.openLogin(path()), { email, password }));
    const form = {
      grant_type: 'authorization_code',
      code: answer.searchParams.get('code') ?? '',
      redirect_uri: redirectUri,
      code_verifier: pkce.verifier,
    };
    const { id_token, access_token } = await tokensOf(await token.postForm('/oauth/token', form, { id, secret }));
    expect(decodeProtectedHeader(id_token).alg).toBe(algorithm);
    expect(decodeProtectedHeader(access_token).alg).toBe('ES256');
    const keys = (await (await token.get('/oauth/jwks')).json()) as JSONWebKeySet;
    const { payload } = await jwtVerify(id_token, createLocalJWKSet(keys), { issuer: token.issuer, audience: id });
    expect(payload).toMatchObject({ sub: accountId, acr: 'urn:gatehouse:acr:password', amr: ['pwd'], azp: id });

    const silent = locationOf(await browser.get(path({ id_token_hint: id_token, prompt: 'none' })));
    expect(silent.searchParams.get('error')).toBeNull();
  },
);
