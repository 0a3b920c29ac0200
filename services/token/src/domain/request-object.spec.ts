import { clientWith, errorCode } from './domain-fixtures.spec-support.ts';
import { isRequestObjectType, requestOfObject } from './request-object.ts';

const NOW_S = 1_800_000_000;
const ISSUER = 'https://id.example';
const valid = {
  iss: 'demo',
  aud: ISSUER,
  client_id: 'demo',
  iat: NOW_S,
  nbf: NOW_S,
  exp: NOW_S + 60,
  jti: 'j-1',
  response_type: 'code',
  redirect_uri: 'https://app.example/callback',
  scope: 'openid email',
};
type Claims = Record<string, unknown>;
const read = (changes: Claims = {}, outside = {}, client = clientWith()) =>
  requestOfObject({ ...valid, ...changes }, { client_id: 'demo', ...outside }, client, { issuer: ISSUER, nowS: NOW_S });

describe('what counts', () => {
  test('stands inside: nothing beside the object is taken, not even what the object leaves out', () => {
    const outside = { scope: 'openid admin', state: 'outside', redirect_uri: 'https://evil.example/' };
    expect(read({}, outside)).toEqual({
      client_id: 'demo',
      response_type: 'code',
      redirect_uri: 'https://app.example/callback',
      scope: 'openid email',
    });
  });

  test('is written as JSON has it: numbers, objects and lists (RFC 9101 4)', () => {
    const claims = { userinfo: { email: { essential: true } } };
    const details = [{ type: 'payment' }];
    const resource = ['https://a.example', 'https://b.example'];
    const asked = read({ max_age: 60, claims, authorization_details: details, resource });
    const json = { claims: JSON.stringify(claims), authorization_details: JSON.stringify(details) };
    expect(asked).toMatchObject({ max_age: '60', ...json });
    expect(asked.resource).toEqual(['https://a.example', 'https://b.example']);
    expect(read({ resource: 'https://a.example' }).resource).toEqual(['https://a.example']);
  });
});

describe('invalid_request_object', () => {
  test.each<[string, Claims]>([
    ['no issuer', { iss: undefined }],
    ['another issuer', { iss: 'other' }],
    ['no client_id', { client_id: undefined }],
    ['another client_id', { client_id: 'other' }],
    ['a subject that makes it a client assertion', { sub: 'demo' }],
    ['no audience', { aud: undefined }],
    ['another audience', { aud: 'https://other.example' }],
    ['an audience that only begins like the issuer', { aud: `${ISSUER}.evil.example` }],
    ['no expiry', { exp: undefined }],
    ['an expiry that is text', { exp: String(NOW_S + 60) }],
    ['an expiry that has come', { exp: NOW_S }],
    ['more than an hour between nbf and exp', { nbf: NOW_S - 1, exp: NOW_S + 3_600 }],
    ['more than an hour until exp, without nbf', { nbf: undefined, exp: NOW_S + 3_601 }],
    ['an nbf more than an hour ago', { nbf: NOW_S - 3_601, exp: NOW_S + 1 }],
    ['an nbf that is to come', { nbf: NOW_S + 11, exp: NOW_S + 60 }],
    ['an nbf that is text', { nbf: 'now' }],
    ['a request object inside', { request: 'e30.e30.' }],
    ['a reference inside', { request_uri: 'https://app.example/request' }],
    ['a parameter of the wrong kind', { redirect_uri: { href: 'https://app.example/' } }],
    ['a list where one value belongs', { state: ['a', 'b'] }],
    ['characters that no parameter has', { state: 'a\u0000b' }],
  ])('%s', (_, changes) => {
    expect(errorCode(() => read(changes))).toBe('invalid_request_object');
  });

  test('is no clock that is 10 s ahead, and no object of just an hour', () => {
    expect(errorCode(() => read({ nbf: NOW_S + 10, exp: NOW_S + 60 }))).toBe('none');
    expect(errorCode(() => read({ nbf: NOW_S - 3_599, exp: NOW_S + 1 }))).toBe('none');
    expect(errorCode(() => read({ nbf: undefined, exp: NOW_S + 3_600 }))).toBe('none');
  });

  test('FAPI 2.0 clients may not leave nbf out (Message Signing 5.3.1)', () => {
    const fapi = clientWith({ securityProfile: 'fapi2' });
    expect(errorCode(() => read({ nbf: undefined }, {}, fapi))).toBe('invalid_request_object');
    expect(errorCode(() => read({}, {}, fapi))).toBe('none');
  });

  test('names the member that is wrong', () => {
    expect(() => read({ state: 7 })).toThrow('state has a wrong value');
  });
});

test('response_type beside an OpenID request says the same or nothing (OIDC Core 6.1)', () => {
  expect(errorCode(() => read({}, { response_type: 'token' }))).toBe('invalid_request');
  expect(errorCode(() => read({}, { response_type: 'code' }))).toBe('none');
  expect(errorCode(() => read({ scope: 'email' }, { response_type: 'token' }))).toBe('none');
});

test.each([
  [undefined, true],
  ['JWT', true],
  ['oauth-authz-req+jwt', true],
  ['application/oauth-authz-req+jwt', true],
  ['client-authentication+jwt', false],
  ['dpop+jwt', false],
  ['at+jwt', false],
  ['', false],
  [7, false],
])('typ %p: %p', (typ, accepted) => {
  expect(isRequestObjectType(typ)).toBe(accepted);
});
