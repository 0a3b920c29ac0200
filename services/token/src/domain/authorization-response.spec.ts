import { OAuthError } from '@gatehouse/problem';
import { codeResponse, errorResponse, responseLocation } from './authorization-response.ts';

const ISSUER = 'https://id.example';
const to = {
  clientId: 'demo',
  redirectUri: 'https://app.example/callback',
  state: 'a b&c',
  responseMode: 'query' as const,
};

test('a code comes with the state, unchanged, and the issuer', () => {
  const url = new URL(responseLocation(codeResponse(to, 'code-1', ISSUER)));
  expect(url.origin + url.pathname).toBe(to.redirectUri);
  expect(Object.fromEntries(url.searchParams)).toEqual({ code: 'code-1', iss: ISSUER, state: 'a b&c' });
});

test('what the registered URI has in its query stays', () => {
  const withQuery = { ...to, redirectUri: 'https://app.example/callback?tenant=7' };
  expect(new URL(responseLocation(codeResponse(withQuery, 'c', ISSUER))).searchParams.get('tenant')).toBe('7');
});

test('in a fragment it never reaches a server log: the query stays as it was registered', () => {
  const answer = { ...to, redirectUri: 'https://app.example/callback?tenant=7', responseMode: 'fragment' as const };
  const url = new URL(responseLocation(codeResponse(answer, 'code-1', ISSUER)));
  expect(url.search).toBe('?tenant=7');
  expect(Object.fromEntries(new URLSearchParams(url.hash.slice(1)))).toMatchObject({ code: 'code-1', state: 'a b&c' });
});

test('an error has its description, and no state where the request had none', () => {
  const error = new OAuthError('invalid_scope', 'not allowed here: admin');
  expect(errorResponse({ ...to, state: null }, error, ISSUER).parameters).toEqual({
    error: 'invalid_scope',
    error_description: 'not allowed here: admin',
    iss: ISSUER,
  });
});
