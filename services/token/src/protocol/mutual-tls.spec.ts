import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { TestCertificate, type CertificateWish } from '@gatehouse/testing';
import { fetchWith, mutualTlsSettings } from '../mutual-tls.spec-support.ts';
import { Permissions, refusalOf, TokenHarness, tokensOf } from '../token.spec-support.ts';

const authority = TestCertificate.make({ subject: [['CN', 'Clients']], authority: true });
const subject: CertificateWish['subject'] = [
  ['C', 'DE'],
  ['CN', 'app'],
];
const name = 'CN=app,C=DE';
const issued = TestCertificate.make({ subject, dns: ['app.example'], issuer: authority });
const selfSigned = TestCertificate.make({ subject, dns: ['app.example'] });
const stranger = TestCertificate.make({ subject, issuer: TestCertificate.make({ subject: [['CN', 'Clients']], authority: true }) }); // prettier-ignore
const jwkOf = ({ x509 }: TestCertificate) => ({
  ...x509.publicKey.export({ format: 'jwk' }),
  x5c: [x509.raw.toString('base64')],
});

let token: TokenHarness;
let permissions: Permissions;
let admin: string;
let tls: Awaited<ReturnType<typeof mutualTlsSettings>>;
const published: { keys: object[] } = { keys: [] };
const keyServer = createServer((_, response) => {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(published));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve));
  const { port } = keyServer.address() as AddressInfo;
  tls = await mutualTlsSettings(authority);
  token = await TokenHarness.start('mutual-tls', { ...tls.settings, OUTBOUND_ALLOWED: `127.0.0.1:${port}` });
  permissions = await Permissions.start(token.suite);
  admin = await token.adminToken();
  const machine = { grant_types: ['client_credentials'], token_endpoint_auth_method: 'self_signed_tls_client_auth' };
  await token.seed({ clients: [{ id: 'remote', ...machine, jwks_uri: `http://127.0.0.1:${port}/jwks` }] });
}, 60_000);
afterAll(async () => {
  await token.stop();
  await permissions.stop();
  keyServer.close();
  rmSync(tls.folder, { recursive: true });
});

async function register(metadata: object, policy: object = {}): Promise<string> {
  const machine = { grant_types: ['client_credentials'], response_types: [] };
  const json = { metadata: { ...machine, ...metadata }, policy };
  const response = await token.call('POST', '/api/v1/clients', { as: admin, json });
  if (response.status !== 201) throw new Error(await response.text());
  return ((await response.json()) as { client_id: string }).client_id;
}
const byName = (changes: object = {}) =>
  register({ token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: name, ...changes });
const bySelf = (...keys: TestCertificate[]) =>
  register({ token_endpoint_auth_method: 'self_signed_tls_client_auth', jwks: { keys: keys.map(jwkOf) } });

/** A token request over TLS, with this certificate where one is given. */
const ask = (client_id: string, certificate?: TestCertificate, more: Record<string, string> = {}) =>
  fetchWith(tls.ca, certificate)(`${tls.url}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id, ...more }),
  });
const wrong = [401, 'invalid_client'];

test('discovery says what there is and where (RFC 8705 5)', async () => {
  const document = (await (await token.get('/.well-known/oauth-authorization-server')).json()) as Record<
    string,
    unknown
  >;
  expect(document['token_endpoint_auth_methods_supported']).toEqual(
    expect.arrayContaining(['tls_client_auth', 'self_signed_tls_client_auth']),
  );
  expect(document['tls_client_certificate_bound_access_tokens']).toBe(true);
  const aliases = document['mtls_endpoint_aliases'] as Record<string, string>;
  for (const [member, url] of Object.entries(aliases))
    expect(url).toBe(String(document[member]).replace(token.issuer, tls.url));
  expect(aliases['token_endpoint']).toBe(`${tls.url}/oauth/token`);
});

describe('tls_client_auth', () => {
  test('is what certified clients do, with tokens that are bound to their certificate', async () => {
    const client_id = await byName({ tls_client_certificate_bound_access_tokens: true });
    const shown = fetchWith(tls.ca, issued);
    const issuer = new URL(token.issuer);
    const options = { [oauth.allowInsecureRequests]: true, [oauth.customFetch]: shown };
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
    const client: oauth.Client = { client_id, use_mtls_endpoint_aliases: true };
    const response = await oauth.clientCredentialsGrantRequest(server, client, oauth.TlsClientAuth(), {}, options);
    const { access_token } = await oauth.processClientCredentialsResponse(server, client, response);
    const introspection = await oauth.introspectionRequest(
      server,
      client,
      oauth.TlsClientAuth(),
      access_token,
      options,
    );
    const thumbprint = Buffer.from(issued.x509.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
    expect(await oauth.processIntrospectionResponse(server, client, introspection)).toMatchObject({
      active: true,
      token_type: 'Bearer',
      cnf: { 'x5t#S256': thumbprint },
    });

    const metadata = { client_id, use_mtls_endpoint_aliases: true };
    const configuration = await openid.discovery(issuer, client_id, metadata, openid.TlsClientAuth(), {
      execute: [openid.allowInsecureRequests],
      [openid.customFetch]: shown,
    });
    expect(await openid.clientCredentialsGrant(configuration)).toMatchObject({ token_type: 'bearer' });
  });

  test.each<[string, object]>([
    ['a DNS name', { tls_client_auth_subject_dn: undefined, tls_client_auth_san_dns: 'app.example' }],
    ['a distinguished name', {}],
  ])('by %s', async (_, names) => {
    expect((await ask(await byName(names), issued)).status).toBe(200);
  });

  const expired = TestCertificate.make({ subject, issuer: authority, notAfter: new Date(Date.now() - 1_000) });
  const otherName = TestCertificate.make({ subject: [['CN', 'other']], issuer: authority });
  const forServers = TestCertificate.make({ subject, issuer: authority, usages: ['1.3.6.1.5.5.7.3.1'] });
  test.each<[string, TestCertificate | undefined]>([
    ['no certificate', undefined],
    ['one that it issued to itself', selfSigned],
    ['one of an issuer with the same name', stranger],
    ['one that has expired', expired],
    ['one for another name', otherName],
    ['one for servers only', forServers],
  ])('%s proves nothing', async (_, certificate) => {
    expect(await refusalOf(await ask(await byName(), certificate))).toEqual(wrong);
  });

  test('negative control: were the issuer not looked at, anybody could make the certificate', async () => {
    const client = await byName();
    expect(await refusalOf(await ask(client, selfSigned))).toEqual(wrong);
    const lax = await token.another({
      CLIENT_CERTIFICATE_HEADER: 'Client-Cert',
      TRUSTED_PROXIES: '127.0.0.0/8',
      TLS_CLIENT_CA_FILE: tls.settings.TLS_CLIENT_CA_FILE,
    });
    // A proxy that lets everything through, before an instance that trusts whoever made the certificate.
    const { ClientCertificates } = await import('./client-certificates.ts');
    const certificates = lax.app.get(ClientCertificates, { strict: false });
    const proves = certificates.proves.bind(certificates);
    certificates.proves = (shown, of) => proves({ ...shown, issued: true }, of);
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: client });
    const headers = { 'client-cert': selfSigned.header };
    const response = await fetch(`${lax.url}/oauth/token`, { method: 'POST', headers, body });
    await lax.close();
    expect(response.status).toBe(200);
  }, 30_000);

  test('a failure is audited like any other, and nothing tells an unknown client from it', async () => {
    const client = await byName();
    const before = (await token.events({ type: 'client.refused' })).length;
    const answers = [await ask(client, stranger), await ask('nobody', stranger)];
    const [first, second] = await Promise.all(answers.map((answer) => answer.json()));
    expect(first).toEqual(second);
    expect((await token.events({ type: 'client.refused' })).slice(before).map(({ data }) => data)).toEqual([
      { client_id: client, reason: 'wrong_assertion' },
      { client_id: 'nobody', reason: 'unknown_client' },
    ]);
  });

  test('counts for the clients that registered it only: a certificate is no secret, and a secret is no certificate', async () => {
    expect(await refusalOf(await ask('admin', issued))).toEqual(wrong);
    const { secret } = token.client('admin');
    expect((await ask('admin', issued, { client_secret: secret })).status).toBe(200);
    expect(await refusalOf(await ask(await byName(), issued, { client_secret: secret }))).toEqual(wrong);
  });
});

describe('self_signed_tls_client_auth', () => {
  test('the very certificate that is registered proves the client, and no other of the same name', async () => {
    const client = await bySelf(selfSigned);
    expect((await ask(client, selfSigned)).status).toBe(200);
    for (const certificate of [undefined, issued, stranger])
      expect(await refusalOf(await ask(client, certificate))).toEqual(wrong);
  });

  test('one behind a URL counts as soon as it is published there', async () => {
    published.keys = [jwkOf(selfSigned)];
    expect((await ask('remote', selfSigned)).status).toBe(200);
    expect(await refusalOf(await ask('remote', issued))).toEqual(wrong);
    published.keys = [];
  });
});

describe('tokens of a client that has them bound', () => {
  test('need its certificate at the token endpoint', async () => {
    const client = await register({ tls_client_certificate_bound_access_tokens: true });
    const added = await token.call('POST', `/api/v1/clients/${client}/secrets`, { as: admin });
    const { client_secret } = (await added.json()) as { client_secret: string };
    expect(await refusalOf(await ask(client, undefined, { client_secret }))).toEqual([400, 'invalid_request']);
    const { claims } = await tokensOf(await ask(client, selfSigned, { client_secret }));
    expect(claims['cnf']).toEqual({ 'x5t#S256': expect.stringMatching(/^[\w-]{43}$/) as string });
    const dpop = fetchWith(tls.ca, selfSigned);
    const refused = await dpop(`${tls.url}/oauth/token`, {
      method: 'POST',
      headers: { dpop: 'x' },
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: client, client_secret }),
    });
    expect(await refusalOf(refused)).toEqual([400, 'invalid_dpop_proof']);
  });

  const mobile = { id: 'mobile', redirectUri: 'https://mobile.example/cb' };
  async function logIn() {
    await token.seed({
      clients: [
        {
          id: mobile.id,
          token_endpoint_auth_method: 'none',
          redirect_uris: [mobile.redirectUri],
          grant_types: ['authorization_code', 'refresh_token'],
          scopes: ['openid', 'email'],
          tls_client_certificate_bound_access_tokens: true,
        },
      ],
    });
    const account = await token.account();
    const { redirectUri: redirect_uri } = mobile;
    const { code, pkce } = await token.code(account, { client_id: mobile.id, redirect_uri });
    const form = { grant_type: 'authorization_code', code, redirect_uri, code_verifier: pkce.verifier };
    return tokensOf(await ask(mobile.id, selfSigned, form));
  }
  const refresh = (refresh_token: string, certificate?: TestCertificate) =>
    ask(mobile.id, certificate, { grant_type: 'refresh_token', refresh_token });

  test('are worth nothing at userinfo without it', async () => {
    const { access_token } = await logIn();
    const userinfo = (certificate?: TestCertificate) => {
      const headers = { authorization: `Bearer ${access_token}` };
      return fetchWith(tls.ca, certificate)(`${tls.url}/oauth/userinfo`, { headers });
    };
    expect((await userinfo(selfSigned)).status).toBe(200);
    for (const certificate of [undefined, issued]) {
      const refused = await userinfo(certificate);
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
        401,
        expect.stringContaining('error="invalid_token"'),
      ]);
    }
    expect((await token.me(access_token)).status).toBe(401);
  });

  test('are refreshed by the same certificate only, where the client is public (RFC 8705 4)', async () => {
    const { refresh_token } = await logIn();
    expect(await refusalOf(await refresh(refresh_token))).toEqual([400, 'invalid_request']);
    expect(await refusalOf(await refresh(refresh_token, issued))).toEqual([400, 'invalid_grant']);
    const { claims, refresh_token: next } = await tokensOf(await refresh(refresh_token, selfSigned));
    expect(claims['cnf']).toHaveProperty(['x5t#S256']);
    // Negative control: a grant that does not remember its certificate is refreshed by whoever has the token.
    await token.sql('UPDATE token_grant SET certificate_s256 = NULL WHERE id = $1', [claims.grant_id]);
    expect((await refresh(next, issued)).status).toBe(200);
  });
});

describe('the FAPI 2.0 profile (5.3.2.1)', () => {
  const fapi = { security_profile: 'fapi2' };
  const names = { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: name };

  test('takes a certificate instead of private_key_jwt, and tokens that are bound to it instead of DPoP', async () => {
    const client = await register({ ...names, tls_client_certificate_bound_access_tokens: true }, fapi);
    const { claims, token_type } = await tokensOf(await ask(client, issued));
    expect([token_type, claims['cnf']]).toEqual(['Bearer', { 'x5t#S256': expect.any(String) as string }]);
  });

  test('takes no token that is bound to nothing', async () => {
    const client = await register(names, fapi);
    expect(await refusalOf(await ask(client, issued))).toEqual([400, 'invalid_dpop_proof']);
  });
});

test("behind a proxy that ends TLS its header proves the client, and nobody else's does", async () => {
  const client = await byName();
  const askWithHeader = async (settings: Record<string, string>) => {
    const instance = await token.another(settings);
    const headers = { 'client-cert': issued.header };
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: client });
    const response = await fetch(`${instance.url}/oauth/token`, { method: 'POST', headers, body });
    await instance.close();
    return response.status;
  };
  const header = { CLIENT_CERTIFICATE_HEADER: 'Client-Cert', TLS_CLIENT_CA_FILE: tls.settings.TLS_CLIENT_CA_FILE };
  expect(await askWithHeader({ ...header, TRUSTED_PROXIES: '127.0.0.1' })).toBe(200);
  expect(await askWithHeader({ ...header, TRUSTED_PROXIES: '10.0.0.1' })).toBe(401);
  expect(await askWithHeader({})).toBe(401);
}, 60_000);
