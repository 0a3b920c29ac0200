import { keyEncryptions } from '@gatehouse/contracts';
import { encryptionKeyOf, encryptionOf } from './response-encryption.ts';

const rsa = { kty: 'RSA', use: 'enc', kid: 'rsa' };
const ec = { kty: 'EC', crv: 'P-256', use: 'enc', kid: 'ec' };
const x25519 = { kty: 'OKP', crv: 'X25519', use: 'enc', kid: 'x25519' };

test('a client that registered nothing gets its answers in plain; one that did, with the default of OIDC Registration 2', () => {
  expect(encryptionOf({}, 'id_token')).toBeNull();
  expect(encryptionOf({ id_token_encrypted_response_alg: 'ECDH-ES' }, 'userinfo')).toBeNull();
  expect(encryptionOf({ userinfo_encrypted_response_alg: 'ECDH-ES' }, 'userinfo')).toEqual({
    alg: 'ECDH-ES',
    enc: 'A128CBC-HS256',
  });
  const whole = {
    introspection_encrypted_response_alg: 'RSA-OAEP-256',
    introspection_encrypted_response_enc: 'A256GCM',
  } as const;
  expect(encryptionOf(whole, 'introspection')).toEqual({ alg: 'RSA-OAEP-256', enc: 'A256GCM' });
});

test.each(keyEncryptions.map((alg) => [alg, alg === 'RSA-OAEP-256' ? 'rsa' : 'ec'] as const))(
  'for %s the key is %s',
  (alg, kid) => {
    expect(encryptionKeyOf([rsa, ec, x25519], alg)?.kid).toBe(kid);
  },
);

test('X25519 takes part in key agreement', () => {
  expect(encryptionKeyOf([rsa, x25519], 'ECDH-ES')?.kid).toBe('x25519');
});

test.each([
  ['one to sign with', { ...ec, use: 'sig' }],
  ['one for nobody knows what, which may be one to sign with', { ...ec, use: undefined }],
  ['one for another algorithm', { ...ec, alg: 'ECDH-ES+A256KW' }],
  ['one of another kind', rsa],
  ['Ed25519, which only signs', { ...x25519, crv: 'Ed25519' }],
  ['a symmetric one', { ...ec, kty: 'oct' }],
])('is never %s', (_, key) => {
  expect(encryptionKeyOf([key], 'ECDH-ES')).toBeUndefined();
});
