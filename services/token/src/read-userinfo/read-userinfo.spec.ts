import { TokenHarness } from '../token.spec-support.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('read-userinfo');
}, 60_000);
afterAll(() => token.stop());

const userinfo = (accessToken: string, method = 'GET') =>
  fetch(`${token.issuer}/oauth/userinfo`, { method, headers: { authorization: `Bearer ${accessToken}` } });

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
