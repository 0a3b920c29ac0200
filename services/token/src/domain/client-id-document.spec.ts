import { signingAlgorithms } from '@gatehouse/contracts';
import { documentIdFault, documentMetadata, isDocumentId } from './client-id-document.ts';

const id = 'https://app.example/client.json';
const rules = {
  loopbackWeb: false,
  mutualTls: 'none' as const,
  subjectTypes: ['public' as const],
  signingKeys: { algorithms: [...signingAlgorithms] },
};
const document = { client_id: id, redirect_uris: ['https://app.example/callback'] };
const read = (changes: object) => documentMetadata(id, { ...document, ...changes }, rules);
const faultsOf = (changes: object) => {
  const result = read(changes);
  return 'faults' in result ? result.faults.map(({ path }) => path.join('.')) : [];
};

test.each([id, 'https://app.example/', 'https://app.example:8443/a?b=c', 'https://xn--bcher-kva.example/x'])(
  '%s can be a client id',
  (url) => {
    expect([isDocumentId(url), documentIdFault(url)]).toEqual([true, null]);
  },
);

test.each([
  'https://app.example',
  'https://app.example/#',
  'https://app.example/#a',
  'https://user@app.example/',
  'https://user:secret@app.example/',
  'https://app.example/a/../b',
  'https://app.example/%2e%2e/b',
  'https://app.example/./b',
  'https://APP.example/',
  'https://app.example:443/',
  'https:app.example/',
  'https:///app.example/',
  'https://app.example\\a',
  'https://',
  'http://app.example/',
])('%s can be none: each has one spelling, and no part that a server would not see', (url) => {
  expect(documentIdFault(url)).not.toBeNull();
});

test('ids that the server makes are none', () => {
  expect(['client-0123', 'demo', '018f0000-0000-7000-8000-000000000000'].some(isDocumentId)).toBe(false);
});

test.each<[string, object, string[]]>([
  ['another id', { client_id: `${id}?` }, ['client_id']],
  ['no id', { client_id: undefined }, ['client_id']],
  ['a secret', { client_secret: 'x', client_secret_expires_at: 0 }, ['client_secret', 'client_secret_expires_at']],
  ['a method with a secret', { token_endpoint_auth_method: 'client_secret_post' }, ['token_endpoint_auth_method']],
  ['a certificate', { token_endpoint_auth_method: 'tls_client_auth' }, ['token_endpoint_auth_method']],
  ['a key that it does not have', { token_endpoint_auth_method: 'private_key_jwt' }, ['jwks']],
  ['no redirect URI', { redirect_uris: [] }, ['redirect_uris']],
  ['a redirect URI over http', { redirect_uris: ['http://app.example/'] }, ['redirect_uris.0']],
])('a document with %s is refused by the name of the member', (_, changes, members) => {
  expect(faultsOf(changes)).toEqual(members);
});

test.each([[null], [[]], ['x'], [1]])('%j is no document', (json) => {
  expect(documentMetadata(id, json, rules)).toHaveProperty('faults');
});

test('what it says is as at a registration; what is for other servers, or not for strangers, is left out', () => {
  const given = {
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials', 'urn:other'],
    response_types: ['code', 'token'],
    scope: 'openid email everything',
    made_up: true,
  };
  expect(read(given)).toMatchObject({
    metadata: {
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: 'openid email',
    },
  });
});
