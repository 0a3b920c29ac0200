import { OAuthError } from '@gatehouse/problem';
import { codeResponse, errorResponse } from './authorization-response.ts';

const ISSUER = 'https://id.example';
const to = { clientId: 'demo', redirectUri: 'https://app.example/callback?tenant=a%20b', state: 'a&b=c' };

test('the code, the state and the issuer are added to what the registered URI has', () => {
  const url = new URL(codeResponse(to, 'gh_code_x', ISSUER));
  expect(url.origin + url.pathname).toBe('https://app.example/callback');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    tenant: 'a b',
    code: 'gh_code_x',
    state: 'a&b=c',
    iss: ISSUER,
  });
});

test('an error says what is wrong, whose answer it is, and returns the state only where there was one', () => {
  const url = new URL(errorResponse({ ...to, state: null }, new OAuthError('invalid_scope', 'no'), ISSUER));
  expect(Object.fromEntries(url.searchParams)).toEqual({
    tenant: 'a b',
    error: 'invalid_scope',
    error_description: 'no',
    iss: ISSUER,
  });
});
