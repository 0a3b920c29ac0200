import { exportJWK, generateKeyPair, type CryptoKey } from 'jose';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { locationOf, TestBrowser } from './browser.spec-support.ts';
import { TokenHarness } from './token.spec-support.ts';

/** Two certified client libraries, unmodified, judge signed requests (RFC 9101), signed answers (JARM) and encrypted ones. */
const CALLBACK = 'https://signer.example/callback';
const SECRET = 'c'.repeat(43);
let token: TokenHarness;
let key: CryptoKey;
let decryptionKey: CryptoKey;
beforeAll(async () => {
  token = await TokenHarness.start('certified-signed');
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  key = privateKey;
  const signer = {
    id: 'signer',
    secret: SECRET,
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code'],
    scopes: ['openid', 'email'],
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', use: 'sig' }] },
    require_signed_request_object: true,
    request_object_signing_alg: 'ES256',
    authorization_signed_response_alg: 'ES256',
  };
  const pair = await generateKeyPair('RSA-OAEP-256');
  decryptionKey = pair.privateKey;
  const reader = {
    id: 'reader',
    secret: SECRET,
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code'],
    scopes: ['openid', 'email'],
    jwks: { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'e1', use: 'enc' }] },
    id_token_encrypted_response_alg: 'RSA-OAEP-256',
    userinfo_signed_response_alg: 'ES256',
    userinfo_encrypted_response_alg: 'RSA-OAEP-256',
    introspection_encrypted_response_alg: 'RSA-OAEP-256',
  };
  await token.seed({ clients: [signer, reader] });
}, 60_000);
afterAll(() => token.stop());

const insecure = { [oauth.allowInsecureRequests]: true };

async function logIn(authorizationUrl: URL, account: { email: string; password: string }): Promise<URL> {
  const browser = new TestBrowser(token.issuer);
  const page = await browser.openLogin(authorizationUrl.href);
  return locationOf(await browser.submit(page, { email: account.email, password: account.password }));
}

test('openid-client signs its request, reads the signed answer, and gets tokens', async () => {
  const client = { authorization_signed_response_alg: 'ES256' };
  const configuration = await openid.discovery(
    new URL(token.issuer),
    'signer',
    client,
    openid.ClientSecretBasic(SECRET),
    { execute: [openid.allowInsecureRequests, openid.useJwtResponseMode] },
  );
  const account = await token.account();
  const verifier = openid.randomPKCECodeVerifier();
  const checks = { expectedState: openid.randomState(), expectedNonce: openid.randomNonce() };
  const parameters = {
    redirect_uri: CALLBACK,
    scope: 'openid email',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
  };
  const url = await openid.buildAuthorizationUrlWithJAR(configuration, parameters, { key, kid: 'k1' });
  expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request']);
  const callback = await logIn(url, account);
  expect([...callback.searchParams.keys()]).toEqual(['response']);
  const tokens = await openid.authorizationCodeGrant(configuration, callback, {
    ...checks,
    pkceCodeVerifier: verifier,
  });
  expect(tokens.claims()?.sub).toBe(account.id);
});

test('openid-client decrypts its ID token, userinfo and introspection, and finds them signed', async () => {
  const client = { userinfo_signed_response_alg: 'ES256', introspection_signed_response_alg: 'ES256' };
  const configuration = await openid.discovery(
    new URL(token.issuer),
    'reader',
    client,
    openid.ClientSecretBasic(SECRET),
    { execute: [openid.allowInsecureRequests] },
  );
  openid.enableDecryptingResponses(configuration, ['A128CBC-HS256'], { key: decryptionKey, kid: 'e1' });
  const account = await token.account();
  const verifier = openid.randomPKCECodeVerifier();
  const url = openid.buildAuthorizationUrl(configuration, {
    redirect_uri: CALLBACK,
    scope: 'openid email',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const callback = await logIn(url, account);
  const tokens = await openid.authorizationCodeGrant(configuration, callback, { pkceCodeVerifier: verifier });
  expect(tokens.id_token?.split('.')).toHaveLength(5);
  expect(tokens.claims()?.sub).toBe(account.id);
  const userinfo = await openid.fetchUserInfo(configuration, tokens.access_token, account.id);
  expect(userinfo.email).toBe(account.email);
  expect(await openid.tokenIntrospection(configuration, tokens.access_token)).toMatchObject({ active: true });
});

describe('oauth4webapi', () => {
  async function parties(): Promise<[oauth.AuthorizationServer, oauth.Client]> {
    const issuer = new URL(token.issuer);
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
    return [server, { client_id: 'signer', authorization_signed_response_alg: 'ES256' }];
  }

  async function pushed(server: oauth.AuthorizationServer, client: oauth.Client, state: string, scope: string) {
    const parameters = {
      redirect_uri: CALLBACK,
      response_type: 'code',
      response_mode: 'jwt',
      scope,
      code_challenge: await oauth.calculatePKCECodeChallenge(oauth.generateRandomCodeVerifier()),
      code_challenge_method: 'S256',
      state,
    };
    const request = await oauth.issueRequestObject(server, client, new URLSearchParams(parameters), { key, kid: 'k1' });
    const authentication = oauth.ClientSecretBasic(SECRET);
    const form = new URLSearchParams({ request });
    const response = await oauth.pushedAuthorizationRequest(server, client, authentication, form, insecure);
    return oauth.processPushedAuthorizationResponse(server, client, response);
  }

  test('pushes a signed request, and accepts the signed answer to it', async () => {
    const [server, client] = await parties();
    const state = oauth.generateRandomState();
    const { request_uri } = await pushed(server, client, state, 'openid');
    const url = new URL(server.authorization_endpoint ?? '');
    url.search = new URLSearchParams({ client_id: 'signer', request_uri }).toString();
    const callback = await logIn(url, await token.account());
    const answer = await oauth.validateJwtAuthResponse(server, client, callback, state, insecure);
    expect(answer.get('code')).toMatch(/^gh_code_/);
  });

  test('is told by an error what is wrong inside of a signed request', async () => {
    const [server, client] = await parties();
    await expect(pushed(server, client, oauth.generateRandomState(), 'openid admin')).rejects.toMatchObject({
      error: 'invalid_scope',
    });
  });
});
