import { jest } from '@jest/globals';
import { Problem } from '@gatehouse/problem';
import { KnownResources } from '../protocol/known-resources.ts';
import { ResourceRecords } from '../store/resources.ts';
import { TokenHarness } from '../token.spec-support.ts';
import { PublishMetadataController } from './publish-metadata.controller.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('publish-metadata');
}, 60_000);
afterAll(() => token.stop());

test('both well-known documents are the same, name this issuer, and may be cached', async () => {
  const documents = await Promise.all([
    token.get('/.well-known/openid-configuration'),
    token.get('/.well-known/oauth-authorization-server'),
  ]);
  for (const document of documents) {
    expect(document.status).toBe(200);
    expect(document.headers.get('cache-control')).toBe('public, max-age=300');
  }
  const [openid, oauth] = await Promise.all(
    documents.map((document) => document.json() as Promise<Record<string, unknown>>),
  );
  expect(openid).toEqual(oauth);
  expect(openid).toMatchObject({
    issuer: token.issuer,
    response_types_supported: ['code'],
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      'client_credentials',
      'urn:ietf:params:oauth:grant-type:device_code',
      'urn:ietf:params:oauth:grant-type:token-exchange',
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
    ],
    code_challenge_methods_supported: ['S256'],
    id_token_signing_alg_values_supported: ['ES256', 'PS256', 'RS256', 'EdDSA'],
    userinfo_signing_alg_values_supported: ['ES256', 'PS256', 'RS256', 'EdDSA'],
    introspection_signing_alg_values_supported: ['ES256', 'PS256', 'RS256', 'EdDSA'],
    token_endpoint_auth_methods_supported: [
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      'none',
    ],
    token_endpoint_auth_signing_alg_values_supported: ['ES256', 'PS256', 'RS256', 'EdDSA', 'HS256'],
    authorization_response_iss_parameter_supported: true,
    request_uri_parameter_supported: false,
  });
});

test('while the database is away the metadata are what they were', async () => {
  const controller = token.part(PublishMetadataController);
  const before = await controller.serverMetadata();
  const away = jest.spyOn(token.part(ResourceRecords), 'all').mockRejectedValue(new Problem('dependency-unavailable'));
  try {
    token.part(KnownResources).forget();
    await expect(token.part(KnownResources).current()).rejects.toThrow();
    expect(await controller.serverMetadata()).toBe(before);
  } finally {
    away.mockRestore();
  }
});

test('every endpoint that is named answers', async () => {
  const document = (await (await token.get('/.well-known/openid-configuration')).json()) as Record<string, string>;
  const named = Object.entries(document).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name));
  expect(named).toHaveLength(9);
  for (const [name, url] of named) {
    const { status } = await fetch(url, {
      method: /token|revocation|introspection|pushed|device/.test(name) ? 'POST' : 'GET',
      redirect: 'manual',
    });
    expect([name, status]).not.toEqual([name, 404]);
  }
});

test('the JWKS holds public keys and nothing private (RFC 7517)', async () => {
  const response = await token.get('/oauth/jwks');
  expect(response.headers.get('cache-control')).toBe('public, max-age=300');
  const { keys } = (await response.json()) as { keys: Record<string, string>[] };
  expect(keys.map(({ alg }) => alg).sort()).toEqual([
    ...['ES256', 'ES256', 'EdDSA', 'EdDSA'],
    ...['PS256', 'PS256', 'RS256', 'RS256'],
  ]);
  const members = { EC: ['crv', 'x', 'y'], OKP: ['crv', 'x'], RSA: ['e', 'n'] };
  for (const key of keys)
    expect(Object.keys(key).sort()).toEqual(
      ['alg', 'kid', 'kty', 'use', ...members[key['kty'] as keyof typeof members]].sort(),
    );
});
