import type { InputOf } from '@gatehouse/contracts';
import { OAuthError, Problem } from '@gatehouse/problem';
import { Controller } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { z } from 'zod';
import { Endpoint, html, Input, page, Redirect, SignedAnswer } from './index.ts';
import { EndpointAdapter } from './response-filter.ts';
import { endpoint, startTestService, type TestService } from './test-service.spec-support.ts';

const account = z.object({ id: z.string(), email: z.email() });
const read = endpoint({ path: '/account', success: { status: 200, body: account } });
const wrong = endpoint({ path: '/wrong', success: { status: 200, body: account } });
const signed = endpoint({ path: '/signed', success: { status: 200, body: account, jwt: 'application/jwt' } });
const unsignable = endpoint({ path: '/unsignable', success: { status: 200, body: account } });
const nothing = endpoint({ method: 'DELETE', path: '/account', success: { status: 204, body: 'none' } });
const login = endpoint({ path: '/login', errorFormat: 'page', success: { status: 200, body: 'html' } });
const leave = endpoint({ path: '/leave', errorFormat: 'page', success: { status: 303, body: 'redirect' } });
const fail = endpoint({ path: '/fail/{how}', input: { path: z.object({ how: z.string() }) } });
const failOAuth = endpoint({ path: '/oauth/fail/{how}', errorFormat: 'oauth', input: { path: z.object({ how: z.string() }) } }); // prettier-ignore
const failPage = endpoint({ path: '/page/fail/{how}', errorFormat: 'page', input: { path: z.object({ how: z.string() }) }, success: { status: 200, body: 'html' } }); // prettier-ignore
const endpoints = [signed, unsignable, read, wrong, nothing, login, leave, fail, failOAuth, failPage];

const failures: Readonly<Record<string, () => Error>> = {
  unknown: () => new Error('connect to postgres://token:hunter2@db failed'),
  gone: () => new Problem('gone', { detail: 'It was <deleted>', cause: new Error('by hunter2') }),
  overloaded: () => new Problem('overloaded', { retryAfterSeconds: 3 }),
  unauthenticated: () => new Problem('unauthenticated'),
  grant: () => new OAuthError('invalid_grant', 'The code has expired'),
  client: () => new OAuthError('invalid_client'),
};

@Controller()
class AnswerController {
  @Endpoint(read)
  read() {
    return { id: '1', email: 'ada@example.com', password_hash: 'hunter2' };
  }

  @Endpoint(wrong)
  wrong() {
    return { id: '1', email: 'hunter2' };
  }

  @Endpoint(signed)
  signed() {
    return new SignedAnswer('e30.e30.x');
  }

  @Endpoint(unsignable)
  unsignable() {
    return new SignedAnswer('hunter2.e30.x');
  }

  @Endpoint(nothing)
  nothing() {
    return { password_hash: 'hunter2' };
  }

  @Endpoint(login)
  login() {
    const form = html`<form method="post" action="/login"><input name="email" value="${'"><script>'}" /></form>`;
    return page('Log in', form, { formAction: ['https://app.example.com'] });
  }

  @Endpoint(leave)
  leave() {
    return new Redirect('https://app.example.com/callback?code=x');
  }

  @Endpoint(fail)
  fail(@Input() { path }: InputOf<typeof fail>) {
    throw failures[path.how]?.() ?? new Error('no such failure');
  }

  @Endpoint(failOAuth)
  failOAuth(@Input() { path }: InputOf<typeof failOAuth>) {
    throw failures[path.how]?.() ?? new Error('no such failure');
  }

  @Endpoint(failPage)
  failPage(@Input() { path }: InputOf<typeof failPage>) {
    throw failures[path.how]?.() ?? new Error('no such failure');
  }
}

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ controllers: [AnswerController], endpoints });
});
afterAll(() => service.close());

const get = (path: string, headers: Record<string, string> = {}) => service.send({ path, headers });

test('what an endpoint does not declare is not sent', async () => {
  expect(await get('/account')).toMatchObject({ status: 200, text: '{"id":"1","email":"ada@example.com"}' });
  expect(await service.send({ method: 'DELETE', path: '/account' })).toMatchObject({ status: 204, text: '' });
});

test('an answer that does not match is a 500, logged with its fields but never with its values', async () => {
  const { status, text } = await get('/wrong');
  expect(status).toBe(500);
  expect(text).not.toContain('hunter2');
  const logged = service.log.filter((line) => line.includes('is not what it declares')).join('');
  expect(logged).toMatch(/token.get-wrong.*email/);
  expect(logged).not.toContain('hunter2');
});

test('a JWT goes out as its media type where the endpoint declares one, and nowhere else', async () => {
  const { status, headers, text } = await get('/signed');
  expect([status, headers['content-type'], text]).toEqual([200, 'application/jwt', 'e30.e30.x']);
  const undeclared = await get('/unsignable');
  expect(undeclared.status).toBe(500);
  expect(undeclared.text).not.toContain('hunter2');
});

test('with the filter taken out, the undeclared field and the wrong answer do go out', async () => {
  const filtered = Object.getOwnPropertyDescriptor(EndpointAdapter.prototype, 'reply') ?? {};
  const unfiltered = Object.getOwnPropertyDescriptor(FastifyAdapter.prototype, 'reply') ?? {};
  Object.defineProperty(EndpointAdapter.prototype, 'reply', unfiltered);
  try {
    expect((await get('/account')).text).toContain('hunter2');
    expect(await get('/wrong')).toMatchObject({ status: 200, json: { email: 'hunter2' } });
  } finally {
    Object.defineProperty(EndpointAdapter.prototype, 'reply', filtered);
  }
});

test('a page escapes what it shows, loads nothing foreign and sends forms only where it says', async () => {
  const { headers, text } = await get('/login');
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(text).toContain('value="&quot;&gt;&lt;script&gt;"');
  const policy = headers['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("form-action 'self' https://app.example.com;");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
});

test('a redirect makes the browser GET, and its answer is not cached', async () => {
  const { status, headers, text } = await get('/leave');
  expect({ status, location: headers.location, text }).toEqual({ status: 303, location: 'https://app.example.com/callback?code=x', text: '' }); // prettier-ignore
  expect(headers['cache-control']).toBe('no-store');
});

test('an unknown error is a fixed 500 that says nothing, and its cause is logged without its secret', async () => {
  const { status, json, text } = await get('/fail/unknown', { 'x-request-id': 'unknown-failure-1' });
  expect({ status, json }).toEqual({
    status: 500,
    json: {
      type: 'urn:gatehouse:problem:internal-error',
      title: 'Something went wrong on our side',
      status: 500,
      code: 'internal-error',
      request_id: 'unknown-failure-1',
    },
  });
  expect(text).not.toContain('postgres');
  const logged =
    service.log.find((line) => line.includes('unknown-failure-1') && line.includes('request_failed')) ?? '';
  expect(logged).toContain('postgres://[redacted]@db');
  expect(logged).not.toContain('hunter2');
});

test('a problem is sent as RFC 9457, with its headers and without its cause', async () => {
  expect(await get('/fail/gone')).toMatchObject({ status: 410, json: { code: 'gone', detail: 'It was <deleted>' } });
  expect((await get('/fail/gone')).text).not.toContain('hunter2');
  expect(await get('/fail/overloaded')).toMatchObject({ status: 503, headers: { 'retry-after': '3' } });
});

test('a 401 carries a challenge that names the error only to a caller who presented a token (RFC 6750 3)', async () => {
  expect((await get('/fail/unauthenticated')).headers['www-authenticate']).toBe('Bearer realm="gatehouse"');
  const { headers } = await get('/fail/unauthenticated', { authorization: 'Bearer x' });
  expect(headers['www-authenticate']).toBe('Bearer realm="gatehouse", error="invalid_token"');
});

test('an OAuth endpoint answers as RFC 6749 5.2 says, whatever was thrown', async () => {
  expect(await get('/oauth/fail/grant')).toMatchObject({ status: 400, json: { error: 'invalid_grant', error_description: 'The code has expired' } }); // prettier-ignore
  expect(await get('/oauth/fail/client')).toMatchObject({ status: 401, json: { error: 'invalid_client' }, headers: { 'www-authenticate': 'Basic realm="gatehouse"' } }); // prettier-ignore
  expect(await get('/oauth/fail/overloaded')).toMatchObject({ status: 503, json: { error: 'temporarily_unavailable' }, headers: { 'retry-after': '3' } }); // prettier-ignore
  expect(await get('/oauth/fail/unknown')).toMatchObject({ status: 500, json: { error: 'server_error' } });
  expect((await get('/oauth/fail/unknown')).text).not.toContain('hunter2');
});

test('any other endpoint answers a problem, also where an OAuth error was thrown', async () => {
  expect(await get('/fail/grant')).toMatchObject({ status: 400, json: { code: 'invalid-input', detail: 'The code has expired' } }); // prettier-ignore
  expect(await get('/fail/client')).toMatchObject({ status: 401, json: { code: 'unauthenticated' } });
});

test('a page endpoint answers with a page, in which the detail is escaped', async () => {
  const { status, headers, text } = await get('/page/fail/gone', { 'x-request-id': 'page-failure-1' });
  expect({ status, type: headers['content-type'] }).toEqual({ status: 410, type: 'text/html; charset=utf-8' });
  expect(text).toContain('It was &lt;deleted&gt;');
  expect(text).toContain('page-failure-1');
});
