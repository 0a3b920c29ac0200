import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { decodeJwt } from 'jose';
import { TokenHarness, tokensOf } from '../token.spec-support.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('read-me');
}, 60_000);
afterAll(() => token.stop());

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('200', () => {
  test('an account with the scope email sees its address', async () => {
    const { access_token, accountId } = await token.login();
    const response = await token.me(access_token);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      kind: 'account',
      id: accountId,
      client_id: 'demo',
      scope: 'openid email',
      email: expect.stringMatching(/^user-.*@example\.com$/) as string,
      email_verified: true,
      last_login_at: expect.any(String) as string,
    });
  });

  test('without that scope the address stays here', async () => {
    const { access_token } = await token.login({ scope: 'openid' });
    expect(await (await token.me(access_token)).json()).not.toHaveProperty('email');
  });

  test('a client sees itself', async () => {
    const response = await token.postForm('/oauth/token', { grant_type: 'client_credentials' }, token.client('admin'));
    const { access_token } = await tokensOf(response);
    expect(await (await token.me(access_token)).json()).toEqual({
      kind: 'client',
      id: 'admin',
      client_id: 'admin',
      scope: '',
    });
  });
});

describe('401', () => {
  test('without a token there is a bare challenge (RFC 6750 3.1)', async () => {
    const response = await token.get('/api/v1/me');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(response.headers.get('www-authenticate')).not.toContain('error=');
  });

  test('a token for another service', async () => {
    const form = { grant_type: 'client_credentials', resource: token.suite.url('authorization') };
    const { access_token } = await tokensOf(await token.postForm('/oauth/token', form, token.client('admin')));
    expect((await token.me(access_token)).status).toBe(401);
  });

  test('an ID token is no access token', async () => {
    const { id_token } = await token.login();
    expect((await token.me(id_token)).status).toBe(401);
  });

  test('a refresh token is no access token', async () => {
    const { refresh_token } = await token.login();
    expect((await token.me(refresh_token)).status).toBe(401);
  });

  test('no signature, a changed claim, and the public key used as an HMAC secret', async () => {
    const { access_token } = await token.login();
    const [header = '', payload = '', signature = ''] = access_token.split('.');
    const { keys } = (await (await token.get('/oauth/jwks')).json()) as { keys: (JsonWebKey & { kid: string })[] };
    const key = keys[0] as JsonWebKey & { kid: string };
    const pem = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const hs256 = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: key.kid })}.${payload}`;
    const forgeries = [
      `${encode({ alg: 'none', typ: 'at+jwt', kid: key.kid })}.${payload}.`,
      `${header}.${encode({ ...decodeJwt(access_token), sub: 'admin', client_id: 'admin' })}.${signature}`,
      `${hs256}.${createHmac('sha256', pem).update(hs256).digest('base64url')}`,
      `${header}.${payload}.`,
    ];
    for (const forged of forgeries) {
      const response = await token.me(forged);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
    expect((await token.me(access_token)).status).toBe(200);
  });

  test('a token of an account that is gone', async () => {
    const { access_token, accountId } = await token.login();
    await token.sql('DELETE FROM account WHERE id = $1', [accountId]);
    expect((await token.me(access_token)).status).toBe(401);
  });
});
