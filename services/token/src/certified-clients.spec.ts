import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { eventually } from '@gatehouse/testing';
import { locationOf, TestBrowser } from './browser.spec-support.ts';
import { TokenHarness } from './token.spec-support.ts';

/** Two certified client libraries, unmodified, are the judges of the whole flow; `http` is allowed on loopback only. */
let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('certified-clients');
}, 60_000);
afterAll(() => token.stop());

/** What a person does between the authorization URL and the client's redirect URI. */
async function logIn(authorizationUrl: URL, account: { email: string; password: string }): Promise<URL> {
  const browser = new TestBrowser(token.issuer);
  const page = await browser.openLogin(authorizationUrl.href);
  return locationOf(await browser.submit(page, { email: account.email, password: account.password }));
}

describe('openid-client', () => {
  const configured = async (id: string, authentication?: openid.ClientAuth) => {
    const { secret } = token.client(id);
    const execute = [openid.allowInsecureRequests];
    const configuration = await openid.discovery(new URL(token.issuer), id, secret, authentication, { execute });
    openid.enableNonRepudiationChecks(configuration);
    return configuration;
  };

  async function codeFlow(configuration: openid.Configuration) {
    const account = await token.account();
    const verifier = openid.randomPKCECodeVerifier();
    const checks = { expectedState: openid.randomState(), expectedNonce: openid.randomNonce() };
    const url = openid.buildAuthorizationUrl(configuration, {
      redirect_uri: token.client('demo').redirectUri,
      scope: 'openid email',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: checks.expectedState,
      nonce: checks.expectedNonce,
    });
    const callback = await logIn(url, account);
    const tokens = await openid.authorizationCodeGrant(configuration, callback, {
      ...checks,
      pkceCodeVerifier: verifier,
      maxAge: 60,
    });
    return { account, tokens, callback, verifier, checks };
  }

  test('discovery, code with PKCE, ID token, refresh and revocation, with the secret in the form', async () => {
    const configuration = await configured('demo');
    const { account, tokens } = await codeFlow(configuration);
    expect(tokens.claims()).toMatchObject({ iss: token.issuer, aud: 'demo', sub: account.id });
    const refreshed = await openid.refreshTokenGrant(configuration, tokens.refresh_token ?? '');
    expect(refreshed.claims()?.sub).toBe(account.id);
    const me = await openid.fetchProtectedResource(
      configuration,
      refreshed.access_token,
      new URL(`${token.issuer}/api/v1/me`),
      'GET',
    );
    expect(await me.json()).toMatchObject({ id: account.id, email: account.email });

    await openid.tokenRevocation(configuration, refreshed.refresh_token ?? '');
    await expect(openid.refreshTokenGrant(configuration, refreshed.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
      status: 400,
    });
    await eventually(async () => expect((await token.me(refreshed.access_token)).status).toBe(401), { within: '5s' });
  });

  test('the same with the secret in the Basic header', async () => {
    const { secret } = token.client('demo');
    const { tokens, account } = await codeFlow(await configured('demo', openid.ClientSecretBasic(secret)));
    expect(tokens.claims()?.sub).toBe(account.id);
  });

  test('client credentials for a resource', async () => {
    const resource = token.suite.url('authorization');
    const tokens = await openid.clientCredentialsGrant(await configured('admin'), { resource });
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 600 });
  });

  test('its own checks see an answer that is not ours: a foreign issuer, a changed state, another nonce', async () => {
    const configuration = await configured('demo');
    const { callback, verifier, checks } = await codeFlow(configuration);
    const judge = (url: URL, expected: Partial<typeof checks>) =>
      openid.authorizationCodeGrant(configuration, url, { ...checks, ...expected, pkceCodeVerifier: verifier });
    const foreign = new URL(callback);
    foreign.searchParams.set('iss', 'https://evil.example');
    await expect(judge(foreign, {})).rejects.toThrow();
    await expect(judge(callback, { expectedState: 'another' })).rejects.toThrow();
  });

  test('errors of the authorization endpoint reach it as errors', async () => {
    const configuration = await configured('demo');
    const redirect_uri = token.client('demo').redirectUri;
    const url = openid.buildAuthorizationUrl(configuration, { redirect_uri, scope: 'openid', state: 's' });
    const callback = locationOf(await token.get(url.pathname + url.search));
    await expect(openid.authorizationCodeGrant(configuration, callback, { expectedState: 's' })).rejects.toMatchObject({
      error: 'invalid_request',
    });
  });
});

describe('oauth4webapi', () => {
  const insecure = { [oauth.allowInsecureRequests]: true };

  async function discover(algorithm: 'oidc' | 'oauth2'): Promise<oauth.AuthorizationServer> {
    const issuer = new URL(token.issuer);
    return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm, ...insecure }));
  }

  test('RFC 8414 discovery, code with PKCE and `iss` (RFC 9207), refresh, revocation', async () => {
    const server = await discover('oauth2');
    const { secret, redirectUri } = token.client('demo');
    const client: oauth.Client = { client_id: 'demo' };
    const authentication = oauth.ClientSecretBasic(secret);
    const account = await token.account();
    const verifier = oauth.generateRandomCodeVerifier();
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
    const url = new URL(server.authorization_endpoint ?? '');
    url.search = new URLSearchParams({
      client_id: 'demo',
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    }).toString();

    const parameters = oauth.validateAuthResponse(server, client, await logIn(url, account), state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      authentication,
      parameters,
      redirectUri,
      verifier,
      insecure,
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: nonce,
      requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(server, response, insecure);
    expect(oauth.getValidatedIdTokenClaims(tokens)?.sub).toBe(account.id);

    const refresh = await oauth.refreshTokenGrantRequest(
      server,
      client,
      authentication,
      tokens.refresh_token ?? '',
      insecure,
    );
    const refreshed = await oauth.processRefreshTokenResponse(server, client, refresh);
    const revocation = await oauth.revocationRequest(server, client, authentication, refreshed.access_token, insecure);
    await expect(oauth.processRevocationResponse(revocation)).resolves.toBeUndefined();
  });

  test('client credentials, and an access token that its RFC 9068 validation accepts', async () => {
    const server = await discover('oidc');
    const { secret } = token.client('admin');
    const client: oauth.Client = { client_id: 'admin' };
    const parameters = new URLSearchParams({ resource: token.suite.url('authorization') });
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      oauth.ClientSecretPost(secret),
      parameters,
      insecure,
    );
    const { access_token } = await oauth.processClientCredentialsResponse(server, client, response);
    const request = new Request('http://resource.example', { headers: { authorization: `Bearer ${access_token}` } });
    const claims = await oauth.validateJwtAccessToken(server, request, token.suite.url('authorization'), insecure);
    expect(claims).toMatchObject({ sub: 'admin', client_id: 'admin' });
  });

  test('a wrong secret reaches it as a WWW-Authenticate challenge, as the RFCs want', async () => {
    const server = await discover('oidc');
    const client: oauth.Client = { client_id: 'admin' };
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      oauth.ClientSecretBasic('wrong'),
      {},
      insecure,
    );
    await expect(oauth.processClientCredentialsResponse(server, client, response)).rejects.toBeInstanceOf(
      oauth.WWWAuthenticateChallengeError,
    );
  });
});
