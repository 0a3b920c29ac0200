import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { locationOf, TestBrowser } from './browser.spec-support.ts';
import { TokenHarness } from './token.spec-support.ts';

/** Two certified client libraries, unmodified, judge pushed requests (RFC 9126) and the device grant (RFC 8628). */
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const SECRET = 'd'.repeat(43);
let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('certified-par-device');
  const set_top = { id: 'set-top', secret: SECRET, grant_types: [DEVICE_GRANT], scopes: ['openid', 'email'] };
  await token.seed({ clients: [set_top] });
}, 60_000);
afterAll(() => token.stop());

const insecure = { [oauth.allowInsecureRequests]: true };

async function configured(id: string, secret: string): Promise<openid.Configuration> {
  const execute = [openid.allowInsecureRequests];
  return openid.discovery(new URL(token.issuer), id, secret, openid.ClientSecretBasic(secret), { execute });
}

async function discover(): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(token.issuer);
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
}

/** What a person does between the authorization URL and the client's redirect URI. */
async function logIn(authorizationUrl: URL, account: { email: string; password: string }): Promise<URL> {
  const browser = new TestBrowser(token.issuer);
  const page = await browser.openLogin(authorizationUrl.href);
  return locationOf(await browser.submit(page, { email: account.email, password: account.password }));
}

/** What a person does with the link that a device shows. */
async function letIn(link: string): Promise<string> {
  const { id, email, password } = await token.account();
  const browser = new TestBrowser(token.issuer);
  const code = await (await browser.get(link)).text();
  const user_code = new URL(link).searchParams.get('user_code') ?? '';
  const login = await browser.get(locationOf(await browser.submit(code, { user_code })).href);
  const question = locationOf(await browser.submit(await login.text(), { email, password }));
  await browser.submit(await (await browser.get(question.href)).text(), { decision: 'allow' });
  return id;
}

describe('openid-client', () => {
  test('pushes a request, and gets tokens by its request_uri', async () => {
    const { secret, redirectUri } = token.client('demo');
    const configuration = await configured('demo', secret);
    const account = await token.account();
    const verifier = openid.randomPKCECodeVerifier();
    const checks = { expectedState: openid.randomState(), expectedNonce: openid.randomNonce() };
    const url = await openid.buildAuthorizationUrlWithPAR(configuration, {
      redirect_uri: redirectUri,
      scope: 'openid email',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: checks.expectedState,
      nonce: checks.expectedNonce,
    });
    expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
    const tokens = await openid.authorizationCodeGrant(configuration, await logIn(url, account), {
      ...checks,
      pkceCodeVerifier: verifier,
    });
    expect(tokens.claims()?.sub).toBe(account.id);
  });

  test('a pushed request that is refused reaches it as an error', async () => {
    const configuration = await configured('demo', token.client('demo').secret);
    await expect(
      openid.buildAuthorizationUrlWithPAR(configuration, { redirect_uri: 'https://evil.example/', scope: 'openid' }),
    ).rejects.toMatchObject({ error: 'invalid_request', status: 400 });
  });

  test('starts a device and polls until it has tokens', async () => {
    const configuration = await configured('set-top', SECRET);
    const device = await openid.initiateDeviceAuthorization(configuration, { scope: 'openid email' });
    const accountId = await letIn(device.verification_uri_complete ?? '');
    const tokens = await openid.pollDeviceAuthorizationGrant(configuration, { ...device, interval: 0 });
    expect(tokens.claims()?.sub).toBe(accountId);
  });
});

describe('oauth4webapi', () => {
  test('pushes a request, and the answer to it is valid', async () => {
    const server = await discover();
    const { secret, redirectUri } = token.client('demo');
    const client: oauth.Client = { client_id: 'demo' };
    const state = oauth.generateRandomState();
    const parameters = {
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid',
      code_challenge: await oauth.calculatePKCECodeChallenge(oauth.generateRandomCodeVerifier()),
      code_challenge_method: 'S256',
      state,
    };
    const authentication = oauth.ClientSecretPost(secret);
    const response = await oauth.pushedAuthorizationRequest(server, client, authentication, parameters, insecure);
    const { request_uri } = await oauth.processPushedAuthorizationResponse(server, client, response);
    const url = new URL(server.authorization_endpoint ?? '');
    url.search = new URLSearchParams({ client_id: 'demo', request_uri }).toString();
    const callback = oauth.validateAuthResponse(server, client, await logIn(url, await token.account()), state);
    expect(callback.get('code')).toMatch(/^gh_code_/);
  });

  test('a device is told to wait, then to slow down, then gets its tokens', async () => {
    const server = await discover();
    const client: oauth.Client = { client_id: 'set-top' };
    const authentication = oauth.ClientSecretBasic(SECRET);
    const started = await oauth.deviceAuthorizationRequest(
      server,
      client,
      authentication,
      { scope: 'openid' },
      insecure,
    );
    const device = await oauth.processDeviceAuthorizationResponse(server, client, started);
    const ask = async () => {
      const { device_code } = device;
      const response = await oauth.deviceCodeGrantRequest(server, client, authentication, device_code, insecure);
      return oauth.processDeviceCodeResponse(server, client, response);
    };
    await expect(ask()).rejects.toMatchObject({ error: 'authorization_pending' });
    await expect(ask()).rejects.toMatchObject({ error: 'slow_down' });
    const accountId = await letIn(device.verification_uri_complete ?? '');
    expect(oauth.getValidatedIdTokenClaims(await ask())?.sub).toBe(accountId);
  });
});
