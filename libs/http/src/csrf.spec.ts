import { Secret } from '@gatehouse/config';
import type { InputOf } from '@gatehouse/contracts';
import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Cookies, CsrfProtection, Endpoint, html, Input, page } from './index.ts';
import { endpoint, startTestService, type TestService } from './test-service.spec-support.ts';

const show = endpoint({ path: '/login', errorFormat: 'page', success: { status: 200, body: 'html' } });
const submit = endpoint({
  method: 'POST',
  path: '/login',
  errorFormat: 'page',
  input: { form: z.object({ csrf: z.string().optional() }) },
  success: { status: 200, body: 'html' },
});

let now = Date.now();
const cookies = new Cookies('http://127.0.0.1:4001');
const csrf = new CsrfProtection(new Secret('a-key-of-the-test'), cookies, () => now);

@Controller()
class LoginController {
  @Endpoint(show)
  show(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return page('Log in', html`<input name="csrf" value="${csrf.issue(request, reply, 'login')}" />`);
  }

  @Endpoint(submit)
  submit(@Input() { form }: InputOf<typeof submit>, @Req() request: FastifyRequest) {
    csrf.verify(request, 'login', form.csrf);
    return page('Welcome', html`<p>done</p>`);
  }
}

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ controllers: [LoginController], endpoints: [show, submit] });
});
afterAll(() => service.close());

interface Form {
  readonly cookie: string;
  readonly token: string;
}

async function open(): Promise<Form> {
  const { headers, text } = await service.send({ path: '/login' });
  const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  return { cookie, token: /value="([^"]+)"/.exec(text)?.[1] ?? '' };
}

const post = ({ cookie, token }: Partial<Form>) =>
  service.send({
    method: 'POST',
    path: '/login',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...(cookie && { cookie }) },
    body: token === undefined ? '' : `csrf=${encodeURIComponent(token)}`,
  });

test('a form that this browser was given is accepted, also in a second tab', async () => {
  const form = await open();
  expect((await post(form)).status).toBe(200);
  const { text, headers } = await service.send({ path: '/login', headers: { cookie: form.cookie } });
  expect(headers['set-cookie']).toBeUndefined();
  expect((await post({ ...form, token: /value="([^"]+)"/.exec(text)?.[1] ?? '' })).status).toBe(200);
});

const forgeries: readonly [string, (own: Form, other: Form) => Partial<Form>][] = [
  ['without a token', ({ cookie }) => ({ cookie })],
  ['without the cookie', ({ token }) => ({ token })],
  ["with another browser's token", ({ cookie }, other) => ({ cookie, token: other.token })],
  ["with another browser's cookie", ({ token }, other) => ({ cookie: other.cookie, token })],
  ['with a changed signature', ({ cookie, token }) => ({ cookie, token: token.slice(0, -2) + 'xx' })],
  ['with a later time', ({ cookie, token }) => ({ cookie, token: `zzzzzz.${token.split('.')[1] ?? ''}` })],
  ['with the cookie as the token', ({ cookie }) => ({ cookie, token: cookie.split('=')[1] ?? '' })],
];

test.each(forgeries)('a form %s is refused', async (_what, forge) => {
  const response = await post(forge(await open(), await open()));
  expect({ status: response.status, expired: response.text.includes('The form has expired') }).toEqual({ status: 403, expired: true }); // prettier-ignore
});

test('a form is good for an hour', async () => {
  const form = await open();
  now += 59 * 60_000;
  expect((await post(form)).status).toBe(200);
  now += 2 * 60_000;
  expect((await post(form)).status).toBe(403);
});

test('a token of one form is refused by another, and by another key', async () => {
  const { cookie, token } = await open();
  const request = { cookies: { csrf: cookie.split('=')[1] } } as unknown as FastifyRequest; // -- all that verify reads
  expect(() => csrf.verify(request, 'login', token)).not.toThrow();
  expect(() => csrf.verify(request, 'logout', token)).toThrow('The form has expired');
  const other = new CsrfProtection(new Secret('another-key'), cookies, () => now);
  expect(() => other.verify(request, 'login', token)).toThrow('The form has expired');
});

test('its cookie cannot be read by script, sent along by other sites, or over https planted by a neighbour', async () => {
  const { headers } = await service.send({ path: '/login' });
  expect(headers['set-cookie']?.[0]).toMatch(/^csrf=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax$/);
  const secure = new Cookies('https://id.gatehouse.dev');
  const set: unknown[] = [];
  secure.set({ setCookie: (...args: unknown[]) => set.push(args) } as unknown as FastifyReply, 'csrf', 'x'); // -- the only method it calls
  expect(set).toEqual([
    ['__Host-csrf', 'x', expect.objectContaining({ secure: true, path: '/', httpOnly: true, sameSite: 'lax' })],
  ]);
});
