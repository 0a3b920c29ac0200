import type { AuthorizationParameters } from '@gatehouse/contracts';
import { checkAuthorizationRequest, returnAddressOf } from './authorization-request.ts';
import { resourceWith, clientWith, errorCode, metadata } from './domain-fixtures.spec-support.ts';

const CALLBACK = 'https://app.example/callback';
const resources = [resourceWith('authorization', 'https://authz.example')];
const valid: AuthorizationParameters = {
  client_id: 'demo',
  redirect_uri: CALLBACK,
  response_type: 'code',
  scope: 'openid',
  state: 'xyz',
  nonce: 'n-1',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
};

describe('the return address', () => {
  test.each([
    ['another path', 'https://app.example/callback2'],
    ['a sub-path', 'https://app.example/callback/more'],
    ['a trailing slash', 'https://app.example/callback/'],
    ['a query', 'https://app.example/callback?next=x'],
    ['a fragment', 'https://app.example/callback#x'],
    ['another scheme', 'http://app.example/callback'],
    ['another case', 'https://APP.example/callback'],
    ['an explicit port', 'https://app.example:443/callback'],
    ['user info', 'https://app.example@evil.example/callback'],
    ['a backslash', 'https://app.example\\@evil.example/callback'],
    ['an encoded slash', 'https://app.example%2fcallback'],
    ['dots', 'https://app.example/x/../callback'],
    ['an empty value', ''],
  ])('is refused with %s', (_, redirect_uri) => {
    expect(returnAddressOf({ ...valid, redirect_uri }, clientWith())).toBeNull();
  });

  test('is null without a client or a redirect URI, so that nothing is sent anywhere', () => {
    expect(returnAddressOf(valid, null)).toBeNull();
    expect(returnAddressOf({ ...valid, redirect_uri: undefined }, clientWith())).toBeNull();
  });

  test('is the registered URI with the state of the request', () => {
    expect(returnAddressOf(valid, clientWith())).toEqual({
      clientId: 'demo',
      redirectUri: CALLBACK,
      state: 'xyz',
      responseMode: 'query',
    });
  });
});

function check(changes: Partial<AuthorizationParameters>, client = clientWith()) {
  const parameters = { ...valid, ...changes };
  return checkAuthorizationRequest(
    parameters,
    { clientId: client.id, redirectUri: CALLBACK, state: 'xyz', responseMode: 'query' },
    client,
    resources,
  );
}

describe('the checked request', () => {
  test('holds what the login and the code need', () => {
    expect(check({ resource: ['https://authz.example/'] })).toEqual({
      clientId: 'demo',
      redirectUri: CALLBACK,
      state: 'xyz',
      scope: ['openid'],
      resources: ['https://authz.example'],
      nonce: 'n-1',
      codeChallenge: valid.code_challenge,
      responseMode: 'query',
      prompt: [],
      maxAgeS: null,
      loginHint: null,
      hintedAccountId: null,
      claims: null,
      authorizationDetails: [],
      dpopJkt: null,
    });
  });

  test.each([
    ['no response type', { response_type: undefined }, 'invalid_request'],
    ['the implicit flow', { response_type: 'token' }, 'unsupported_response_type'],
    ['a hybrid flow', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['an unknown response mode', { response_mode: 'web_message' }, 'invalid_request'],
    ['prompt=none beside another', { prompt: 'none login' }, 'invalid_request'],
    ['a negative max_age', { max_age: '-1' }, 'invalid_request'],
    ['a claims parameter that is no JSON', { claims: '{' }, 'invalid_request'],
    ['a claims parameter of another shape', { claims: '{"userinfo":[]}' }, 'invalid_request'],
    ['a thumbprint that is none', { dpop_jkt: 'abc' }, 'invalid_request'],
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['a PKCE method left out, which means plain', { code_challenge_method: undefined }, 'invalid_request'],
    ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a challenge that is no SHA-256', { code_challenge: 'abc' }, 'invalid_request'],
    ['an unknown scope', { scope: 'openid admin' }, 'invalid_scope'],
    ['an unknown resource', { resource: ['https://evil.example'] }, 'invalid_target'],
  ])('is refused with %s', (_, changes, code) => {
    expect(errorCode(() => check(changes))).toBe(code);
  });

  test('is refused for a client that is not registered for codes', () => {
    expect(errorCode(() => check({}, clientWith({ grantTypes: ['client_credentials'] })))).toBe('unauthorized_client');
  });

  test('a confidential client may be exempt from PKCE; a public one never, nor may an exempt one send half of it', () => {
    const none = { code_challenge: undefined, code_challenge_method: undefined };
    const exempt = clientWith({ pkceRequired: false });
    expect(check(none, exempt).codeChallenge).toBeNull();
    expect(errorCode(() => check({ code_challenge_method: undefined }, exempt))).toBe('invalid_request');
    const token_endpoint_auth_method = 'none' as const;
    const open = clientWith({ pkceRequired: false, metadata: { ...metadata, token_endpoint_auth_method } });
    expect(errorCode(() => check(none, open))).toBe('invalid_request');
  });
});

describe('a native application', () => {
  const native = (uri: string) =>
    clientWith({ redirectUris: [uri], metadata: { ...metadata, application_type: 'native' } });
  const accepts = (uri: string, client = native('http://127.0.0.1/cb')) =>
    returnAddressOf({ ...valid, redirect_uri: uri }, client) !== null;

  test('may use any port of a loopback address literal, and nothing else may differ (RFC 8252 7.3)', () => {
    expect(accepts('http://127.0.0.1:51004/cb')).toBe(true);
    expect(accepts('http://[::1]:51004/cb', native('http://[::1]:1/cb'))).toBe(true);
    const others = [
      'http://127.0.0.1:1/other',
      'http://127.0.0.2:1/cb',
      'http://localhost:1/cb',
      'https://127.0.0.1:1/cb',
    ];
    for (const uri of [
      ...others,
      'http://127.0.0.1:1@evil.example/cb',
      'http://127.0.0.1:1/cb#x',
      'http://127.0.0.1:999999/cb',
    ])
      expect(accepts(uri)).toBe(false);
  });

  test('a web application may not', () => {
    expect(accepts('http://127.0.0.1:51004/cb', clientWith({ redirectUris: ['http://127.0.0.1/cb'] }))).toBe(false);
  });
});
