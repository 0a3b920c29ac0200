import { clientMetadata } from '@gatehouse/contracts';
import { fapi2Faults } from './fapi.ts';

const good = {
  redirect_uris: ['https://bank.example/callback'],
  token_endpoint_auth_method: 'private_key_jwt',
  jwks_uri: 'https://bank.example/jwks',
  id_token_signed_response_alg: 'PS256',
};
const faultsOf = (changes: Record<string, unknown>) =>
  fapi2Faults(clientMetadata.parse({ ...good, ...changes })).map(({ path }) => path.join('.'));

// ASVS 10.4.16
test('a client that authenticates by a key, over https, is one for the profile', () => {
  expect(faultsOf({})).toEqual([]);
  expect(faultsOf({ token_endpoint_auth_method: 'tls_client_auth' })).toEqual([]);
  expect(faultsOf({ application_type: 'native', redirect_uris: ['http://127.0.0.1/callback'] })).toEqual([]);
});

test.each([
  ['a public client', { token_endpoint_auth_method: 'none' }, ['token_endpoint_auth_method']],
  ['a client with a secret', { token_endpoint_auth_method: 'client_secret_basic' }, ['token_endpoint_auth_method']],
  ['assertions by HMAC', { token_endpoint_auth_method: 'client_secret_jwt' }, ['token_endpoint_auth_method']],
  ['RS256', { id_token_signed_response_alg: 'RS256' }, ['id_token_signed_response_alg']],
  ['assertions by RS256', { token_endpoint_auth_signing_alg: 'RS256' }, ['token_endpoint_auth_signing_alg']],
  ['http on loopback for a web client', { redirect_uris: ['http://127.0.0.1:3000/'] }, ['redirect_uris.0']],
])('%s is not', (_, changes, places) => {
  expect(faultsOf(changes)).toEqual(places);
});
