import { inspect } from 'node:util';
import { problems } from '@gatehouse/contracts';
import { OAuthError, Problem } from './index.ts';

test('a problem has the status and title that its code declares', () => {
  for (const [code, { status, title }] of Object.entries(problems)) {
    const problem = new Problem(code as keyof typeof problems);
    expect(problem.toBody('request-1')).toEqual({
      type: `urn:gatehouse:problem:${code}`,
      title,
      status,
      code,
      request_id: 'request-1',
    });
  }
});

test('the public body carries the detail and the errors, and nothing of the private cause', () => {
  const cause = new Error('organisation 42 belongs to tenant acme');
  const problem = new Problem('not-found', {
    detail: 'There is no such role',
    cause,
    errors: [{ pointer: '#/role', detail: 'is not known here' }],
  });
  const sent = JSON.stringify(problem.toBody('request-1'));
  expect(sent).toContain('There is no such role');
  expect(sent).toContain('#/role');
  expect(sent).not.toContain('acme');
  // The control: the cause is there for the log.
  expect(inspect(problem)).toContain('acme');
});

test('a missing detail and missing errors are absent, so that two refusals of one code cannot be told apart', () => {
  const hidden = new Problem('not-found', { cause: new Error('exists, but not for you') });
  expect(hidden.toBody('r')).toEqual(new Problem('not-found').toBody('r'));
  expect(hidden.message).toBe(new Problem('not-found').message);
});

test('Retry-After is in whole seconds, rounded up, so that a caller never comes too early', () => {
  const problem = new Problem('overloaded', { retryAfterSeconds: 0.2, headers: { allow: 'GET' } });
  expect(problem.headers).toEqual({ allow: 'GET', 'retry-after': '1' });
});

test('an OAuth error has the status of RFC 6749 5.2 unless told', () => {
  expect(new OAuthError('invalid_grant').status).toBe(400);
  expect(new OAuthError('invalid_client').status).toBe(401);
  expect(new OAuthError('temporarily_unavailable').status).toBe(503);
  expect(new OAuthError('invalid_request', 'too large', { status: 413 }).status).toBe(413);
});

test('an error description holds only the characters that RFC 6749 5.2 allows', () => {
  const body = new OAuthError('invalid_request', 'no "quotes", \\ or\nlines, nor Ü').toBody();
  expect(body.error_description).toBe('no  quotes ,   or lines, nor  ');
  expect(new OAuthError('invalid_request').toBody()).toEqual({ error: 'invalid_request' });
});
