import { ProtectedResource } from './protected-resource.ts';
import { resourceMetadata } from './publish-resource-metadata.ts';

const issuer = 'https://id.example.com';

test('what a service does not have is left out, for a list is never empty (RFC 9728 3.2)', () => {
  const described = { service: 'audit-log', url: 'https://audit.example.com' } as const;
  const least = {
    resource: described.url,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
  };
  expect(resourceMetadata(described, { issuer, dpop: false })).toEqual(least);
  expect(resourceMetadata({ ...described, scopes: ['email'] }, { issuer, dpop: true })).toEqual({
    ...least,
    scopes_supported: ['email'],
    dpop_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA', 'Ed25519'],
  });
});

test.each([
  ['https://api.example.com', 'https://api.example.com/.well-known/oauth-protected-resource'],
  ['https://api.example.com/audit', 'https://api.example.com/.well-known/oauth-protected-resource/audit'],
])('the metadata of %s are at %s (RFC 9728 3.1)', (url, at) => {
  expect(new ProtectedResource({ url }).challengeParameters).toEqual([`resource_metadata="${at}"`]);
});

test('a service that does not describe itself names nothing', () => {
  expect(new ProtectedResource(undefined).challengeParameters).toEqual([]);
});
