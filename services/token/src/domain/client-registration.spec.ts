import { generateKeyPairSync } from 'node:crypto';
import { signingAlgorithms } from '@gatehouse/contracts';
import { registeredMetadata, registrationError } from './client-registration.ts';

const CALLBACK = 'https://app.example/callback';
const rules = {
  loopbackWeb: false,
  mutualTls: 'issued' as const,
  subjectTypes: ['public' as const, 'pairwise' as const],
  signingKeys: { algorithms: [...signingAlgorithms] },
};
const ec = publicJwk('ec', { namedCurve: 'P-256' });
const rsa = publicJwk('rsa', { modulusLength: 2_048 });

function publicJwk(type: 'ec' | 'rsa', options: object): Record<string, unknown> {
  const generate = generateKeyPairSync as (kind: string, options: object) => ReturnType<typeof generateKeyPairSync>;
  return { ...generate(type, options).publicKey.export({ format: 'jwk' }) };
}

function faultsOf(given: Record<string, unknown>): string[] {
  const result = registeredMetadata({ redirect_uris: [CALLBACK], ...given }, rules);
  return 'faults' in result ? result.faults.map(({ path }) => path.join('.')) : [];
}

function metadataOf(given: Record<string, unknown>) {
  const result = registeredMetadata({ redirect_uris: [CALLBACK], ...given }, rules);
  if ('faults' in result) throw new Error(JSON.stringify(result.faults));
  return result.metadata;
}

describe('what a client leaves out', () => {
  test('has the defaults of RFC 7591 2, and every scope that Gatehouse knows', () => {
    expect(metadataOf({})).toMatchObject({
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      application_type: 'web',
      scope: 'openid email profile offline_access',
    });
  });

  test('null is the same as left out, and unknown members are ignored (RFC 7591 2)', () => {
    expect(metadataOf({ client_name: null, scope: null, made_up: 1 })).toEqual(metadataOf({}));
  });

  test('a client without a person has no response types and no scope', () => {
    const machine = metadataOf({ redirect_uris: [], grant_types: ['client_credentials'] });
    expect(machine).toMatchObject({ response_types: [], scope: '' });
  });
});

test.each([
  ['authorization_code without a redirect URI', { redirect_uris: [] }, ['redirect_uris']],
  ['a redirect URI with a fragment', { redirect_uris: [`${CALLBACK}#`] }, ['redirect_uris.0']],
  ['a redirect URI that is none', { redirect_uris: [CALLBACK, 'nonsense'] }, ['redirect_uris.1']],
  ['redirect URIs that no event could hold', { redirect_uris: Array(20).fill(CALLBACK + 'x'.repeat(1_000)) }, ['redirect_uris']], // prettier-ignore
  ['a logout URI over http', { post_logout_redirect_uris: ['http://app.example'] }, ['post_logout_redirect_uris.0']],
  ['code without its grant', { grant_types: ['client_credentials'], response_types: ['code'] }, ['response_types']],
  ['the grant without code', { response_types: [] }, ['response_types']],
  ['the implicit flow', { response_types: ['token'] }, ['response_types.0']],
  ['the password grant', { grant_types: ['password'] }, ['grant_types.0']],
  ['refresh_token alone', { grant_types: ['refresh_token'] }, ['grant_types']],
  [
    'none with client_credentials',
    { grant_types: ['client_credentials'], token_endpoint_auth_method: 'none' },
    ['token_endpoint_auth_method'],
  ],
  [
    'none with token exchange',
    { grant_types: ['urn:ietf:params:oauth:grant-type:token-exchange'], token_endpoint_auth_method: 'none' },
    ['token_endpoint_auth_method'],
  ],
  [
    'assertions by an HMAC without the method',
    { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [ec] }, token_endpoint_auth_signing_alg: 'HS256' },
    ['token_endpoint_auth_signing_alg'],
  ],
  [
    'assertions by a key with client_secret_jwt',
    { token_endpoint_auth_method: 'client_secret_jwt', token_endpoint_auth_signing_alg: 'ES256' },
    ['token_endpoint_auth_signing_alg'],
  ],
  ['private_key_jwt without a key', { token_endpoint_auth_method: 'private_key_jwt' }, ['jwks']],
  ['signed requests without a key', { require_signed_request_object: true }, ['jwks']],
  ['self-signed TLS without a key', { token_endpoint_auth_method: 'self_signed_tls_client_auth' }, ['jwks']],
  ['TLS without a name', { token_endpoint_auth_method: 'tls_client_auth' }, ['tls_client_auth_subject_dn']],
  ['jwks and jwks_uri', { jwks: { keys: [ec] }, jwks_uri: 'https://app.example/jwks' }, ['jwks']],
  ['jwks_uri over http', { jwks_uri: 'http://app.example/jwks' }, ['jwks_uri']],
  ['a private key', { jwks: { keys: [{ ...ec, d: ec['x'] }] } }, ['jwks.keys.0']],
  ['a symmetric key', { jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }, ['jwks.keys.0.kty']],
  ['RSA of 1024 bits', { jwks: { keys: [publicJwk('rsa', { modulusLength: 1_024 })] } }, ['jwks.keys.0']],
  ['RSA with the exponent 3', { jwks: { keys: [{ ...rsa, e: 'Aw' }] } }, ['jwks.keys.0']],
  ['a curve outside of the list', { jwks: { keys: [publicJwk('ec', { namedCurve: 'secp256k1' })] } }, ['jwks.keys.0']],
  ['a point off the curve', { jwks: { keys: [{ ...ec, y: ec['x'] }] } }, ['jwks.keys.0']],
  ['one kid twice', { jwks: { keys: [{ ...ec, kid: 'a' }, { ...rsa, kid: 'a' }] } }, ['jwks.keys']], // prettier-ignore
  ['an unknown scope', { scope: 'openid everything' }, ['scope']],
  [
    'details of a type that there is not',
    { authorization_details_types: ['payment'] },
    ['authorization_details_types'],
  ],
  ['signatures by none', { id_token_signed_response_alg: 'none' }, ['id_token_signed_response_alg']],
  ['symmetric signatures', { userinfo_signed_response_alg: 'HS256' }, ['userinfo_signed_response_alg']],
  [
    'pairwise subjects over several hosts',
    { subject_type: 'pairwise', redirect_uris: [CALLBACK, 'https://other.example/'] },
    ['sector_identifier_uri'],
  ],
  ['pairwise subjects without a host', { subject_type: 'pairwise', application_type: 'native', redirect_uris: ['com.example.app:/callback'] }, ['sector_identifier_uri']], // prettier-ignore
  ['pairwise subjects on the loopback interface', { subject_type: 'pairwise', application_type: 'native', redirect_uris: ['http://127.0.0.1/callback'] }, ['sector_identifier_uri']], // prettier-ignore
  ['pairwise subjects for devices', { subject_type: 'pairwise', grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'] }, ['subject_type']], // prettier-ignore
  ['pairwise subjects with token exchange', { subject_type: 'pairwise', grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:token-exchange'] }, ['subject_type']], // prettier-ignore
  ['a sector over http', { subject_type: 'pairwise', sector_identifier_uri: 'http://app.example/sector' }, ['sector_identifier_uri']], // prettier-ignore
  ['encryption without a key', { id_token_encrypted_response_alg: 'ECDH-ES' }, ['jwks']],
  ['encryption to a key that signs', { id_token_encrypted_response_alg: 'ECDH-ES', jwks: { keys: [{ ...ec, use: 'sig' }] } }, ['jwks']], // prettier-ignore
  ['encryption to a key of another kind', { introspection_encrypted_response_alg: 'ECDH-ES', jwks: { keys: [{ ...rsa, use: 'enc' }] } }, ['jwks']], // prettier-ignore
  ['the padding of PKCS #1 1.5', { id_token_encrypted_response_alg: 'RSA1_5' }, ['id_token_encrypted_response_alg']],
  ['a content encryption alone', { id_token_encrypted_response_enc: 'A256GCM' }, ['id_token_encrypted_response_enc']],
  ['userinfo that nobody signed', { userinfo_encrypted_response_alg: 'ECDH-ES', jwks: { keys: [{ ...ec, use: 'enc' }] } }, ['userinfo_encrypted_response_alg']], // prettier-ignore
  ['back-channel logout over http', { backchannel_logout_uri: 'http://app.example' }, ['backchannel_logout_uri']],
  ['back-channel logout on loopback', { backchannel_logout_uri: 'http://127.0.0.1/' }, ['backchannel_logout_uri']],
  [
    'back-channel logout with a fragment',
    { backchannel_logout_uri: 'https://app.example/#x' },
    ['backchannel_logout_uri'],
  ],
  [
    'back-channel logout with credentials',
    { backchannel_logout_uri: 'https://a:b@app.example/' },
    ['backchannel_logout_uri'],
  ],
  [
    'back-channel logout by a private scheme',
    { backchannel_logout_uri: 'com.example.app:/out' },
    ['backchannel_logout_uri'],
  ],
  [
    'a session that may or may not be required',
    { backchannel_logout_session_required: 'yes' },
    ['backchannel_logout_session_required'],
  ],
])('%s is refused by the name of the member', (_, given: Record<string, unknown>, members) => {
  expect(faultsOf(given)).toEqual(members);
});

test('what a client may register, it may', () => {
  const allowed = [
    { token_endpoint_auth_method: 'client_secret_jwt', token_endpoint_auth_signing_alg: 'HS256' },
    { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [ec, rsa] } },
    { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example/jwks' },
    { token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'] },
    { token_endpoint_auth_method: 'none', grant_types: ['urn:ietf:params:oauth:grant-type:jwt-bearer'] },
    { subject_type: 'pairwise', redirect_uris: [CALLBACK, `${CALLBACK}/2`] },
    { subject_type: 'pairwise', redirect_uris: [CALLBACK, 'https://app.example:8443/callback'] },
    {
      subject_type: 'pairwise',
      sector_identifier_uri: 'https://app.example/sector',
      redirect_uris: [CALLBACK, 'https://other.example/'],
    },
    { application_type: 'native', redirect_uris: ['com.example.app:/callback', 'http://127.0.0.1/callback'] },
    { backchannel_logout_uri: 'https://app.example/logout?a=b', id_token_signed_response_alg: 'EdDSA' },
    { backchannel_logout_uri: 'https://app.example/logout', backchannel_logout_session_required: true },
    { id_token_encrypted_response_alg: 'ECDH-ES', jwks: { keys: [{ ...ec, use: 'enc' }] } },
    { introspection_encrypted_response_alg: 'RSA-OAEP-256', jwks_uri: 'https://app.example/jwks' },
  ];
  for (const given of allowed) expect(faultsOf(given)).toEqual([]);
});

test('pairwise subjects are for servers that have a key for them', () => {
  const given = { redirect_uris: [CALLBACK], subject_type: 'pairwise' };
  expect(registeredMetadata(given, { ...rules, subjectTypes: ['public'] })).toEqual({
    faults: [{ path: ['subject_type'], detail: 'must be public' }],
  });
});

test('beside an issuer on loopback, back-channel logout may be there too, over http; what is fetched may not', () => {
  const given = { redirect_uris: [CALLBACK], backchannel_logout_uri: 'http://localhost:8080/logout?a=b' };
  const development = { ...rules, loopbackWeb: true };
  expect(registeredMetadata(given, development)).toHaveProperty('metadata.backchannel_logout_uri');
  for (const refused of [
    { backchannel_logout_uri: 'http://app.example/logout' },
    { backchannel_logout_uri: 'http://127.0.0.1/#x' },
    { jwks_uri: 'http://localhost:8080/jwks' },
  ])
    expect(registeredMetadata({ ...given, ...refused }, development)).toMatchObject({
      faults: [{ path: Object.keys(refused) }],
    });
});

test('a bad redirect URI and bad metadata are the two errors of RFC 7591 3.2.2', () => {
  expect(registrationError({ path: ['redirect_uris', 0], detail: '' })).toBe('invalid_redirect_uri');
  expect(registrationError({ path: ['post_logout_redirect_uris', 0], detail: '' })).toBe('invalid_client_metadata');
});

test.each([
  'id_token_signed_response_alg',
  'userinfo_signed_response_alg',
  'introspection_signed_response_alg',
  'authorization_signed_response_alg',
])('%s is an algorithm that there is a key for', (member) => {
  const given = { redirect_uris: [CALLBACK], [member]: 'RS256' };
  const few = { ...rules, signingKeys: { algorithms: ['ES256' as const] } };
  expect(registeredMetadata(given, rules)).toHaveProperty('metadata');
  expect(registeredMetadata({ ...given, id_token_signed_response_alg: 'ES256', [member]: 'RS256' }, few)).toEqual({
    faults: [{ path: [member], detail: 'must be one of ES256' }],
  });
});

test('types of details that there are may be asked of people, and never be for a client itself (RFC 9396 10)', () => {
  const ask = (changes: Record<string, unknown>) =>
    registeredMetadata({ redirect_uris: [CALLBACK], authorization_details_types: ['payment'], ...changes }, rules, [
      'payment',
      'file',
    ]);
  expect(ask({})).toHaveProperty('metadata.authorization_details_types', ['payment']);
  for (const changes of [
    { authorization_details_types: ['payment', 'unknown'] },
    { grant_types: ['authorization_code', 'client_credentials'] },
  ])
    expect(ask(changes)).toMatchObject({ faults: [{ path: ['authorization_details_types'] }] });
});
