import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import * as oauth from 'oauth4webapi';
import { authorizationPath, locationOf, newPkce, TestBrowser } from './browser.spec-support.ts';
import { PermissionAnswers } from './permission-answers.spec-support.ts';
import { TokenHarness, tokensOf } from './token.spec-support.ts';

/** A certified client library, unmodified, exchanges tokens and reads signed answers; `http` is allowed on loopback only. */
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const SECRET = 's'.repeat(43);
const CALLBACK = 'https://app.example/callback';
const insecure = { [oauth.allowInsecureRequests]: true };

let token: TokenHarness;
let permissions: PermissionAnswers;
let server: oauth.AuthorizationServer;
let published: object[] = [];
const keyServer = createServer((_, response) => {
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }));
});
const keysHost = () => `127.0.0.1:${(keyServer.address() as AddressInfo).port}`;

beforeAll(async () => {
  await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve));
  token = await TokenHarness.start('certified-exchange', { OUTBOUND_ALLOWED: keysHost() });
  permissions = await PermissionAnswers.start(token.suite);
  permissions.give('audit-log', 'token-exchange:authorization');
  await token.seed({
    clients: [
      {
        id: 'audit-log',
        secret: token.client('audit-log').secret,
        grant_types: ['client_credentials', EXCHANGE],
        introspection_signed_response_alg: 'PS256',
      },
      {
        id: 'signed',
        secret: SECRET,
        redirect_uris: [CALLBACK],
        grant_types: ['authorization_code'],
        scopes: ['openid', 'email'],
        userinfo_signed_response_alg: 'EdDSA',
      },
      { id: 'deployer', token_endpoint_auth_method: 'none', grant_types: [JWT_BEARER] },
    ],
  });
  const issuer = new URL(token.issuer);
  server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
}, 60_000);
afterAll(async () => {
  await token.stop();
  await permissions.stop();
  keyServer.close();
});

test('a service exchanges a token with itself as the actor, and reads the result as a signed introspection', async () => {
  const client: oauth.Client = { client_id: 'audit-log', introspection_signed_response_alg: 'PS256' };
  const authentication = oauth.ClientSecretBasic(token.client('audit-log').secret);
  const subject = await token.login({ resource: token.suite.url('audit-log') });
  const own = await oauth.processClientCredentialsResponse(
    server,
    client,
    await oauth.clientCredentialsGrantRequest(server, client, authentication, {}, insecure),
  );
  const form = {
    subject_token: subject.access_token,
    subject_token_type: ACCESS_TOKEN,
    actor_token: own.access_token,
    actor_token_type: ACCESS_TOKEN,
    audience: 'authorization',
    scope: 'openid',
  };
  const request = () => oauth.genericTokenEndpointRequest(server, client, authentication, EXCHANGE, form, insecure);
  const exchanged = await oauth.processGenericTokenEndpointResponse(server, client, await request());
  expect(exchanged).toMatchObject({ issued_token_type: ACCESS_TOKEN, token_type: 'bearer', scope: 'openid' });
  expect(exchanged.refresh_token).toBeUndefined();

  const asked = await oauth.introspectionRequest(server, client, authentication, exchanged.access_token, insecure);
  const introspected = await oauth.processIntrospectionResponse(server, client, asked);
  await oauth.validateApplicationLevelSignature(server, asked, insecure);
  expect(introspected).toMatchObject({ active: true, sub: subject.accountId, act: { sub: 'audit-log' } });

  permissions.take('audit-log', 'token-exchange:authorization');
  await expect(oauth.processGenericTokenEndpointResponse(server, client, await request())).rejects.toMatchObject({
    error: 'invalid_target',
    status: 400,
  });
});

test('signed userinfo', async () => {
  const client: oauth.Client = { client_id: 'signed', userinfo_signed_response_alg: 'EdDSA' };
  const { email, password, id } = await token.account();
  const [browser, pkce] = [new TestBrowser(token.issuer), newPkce()];
  const path = authorizationPath({ id: 'signed', redirectUri: CALLBACK }, pkce, { scope: 'openid email' });
  const answer = locationOf(await browser.submit(await browser.openLogin(path), { email, password }));
  const code = answer.searchParams.get('code') ?? '';
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: pkce.verifier };
  const credentials = { id: 'signed', secret: SECRET };
  const { access_token } = await tokensOf(await token.postForm('/oauth/token', form, credentials));
  const response = await oauth.userInfoRequest(server, client, access_token, insecure);
  expect(await oauth.processUserInfoResponse(server, client, id, response)).toMatchObject({ sub: id, email });
  await oauth.validateApplicationLevelSignature(server, response, insecure);
});

test('a workload gets a token by the assertion of its issuer, once', async () => {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  published = [{ ...(await exportJWK(publicKey)), kid: 'ci' }];
  const json = {
    issuer: 'https://ci.example',
    jwks_uri: `http://${keysHost()}/jwks`,
    algorithms: ['RS256'],
    subjects: [{ subject: 'build', client_id: 'deployer' }],
  };
  const as = await token.adminToken();
  expect((await token.call('POST', '/api/v1/trusted-issuers', { as, json })).status).toBe(201);
  const assertion = await new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: 'RS256', kid: 'ci' })
    .setIssuer('https://ci.example')
    .setSubject('build')
    .setAudience(server.issuer)
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(privateKey);
  const client: oauth.Client = { client_id: 'deployer' };
  const request = () =>
    oauth.genericTokenEndpointRequest(server, client, oauth.None(), JWT_BEARER, { assertion }, insecure);
  const answer = await oauth.processGenericTokenEndpointResponse(server, client, await request());
  expect(answer.token_type).toBe('bearer');
  await expect(oauth.processGenericTokenEndpointResponse(server, client, await request())).rejects.toMatchObject({
    error: 'invalid_grant',
    status: 400,
  });
});
