import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { text, uuid } from '../../input-values.ts';

const request = uuid.describe('the pending authorization request, bound to the browser');
const csrf_token = text(128);

/** The login page of one pending authorization request. Plain HTML, no script. */
export const showLogin = defineEndpoint({
  id: 'token.show-login',
  service: 'token',
  method: 'GET',
  path: '/login',
  access: 'public',
  summary: 'Show the login page.',
  input: { query: z.object({ request }) },
  success: { status: 200, body: 'html' },
  errors: ['gone'],
  errorFormat: 'page',
});

/** Logs in and sends the browser back to the client with a code; the same page for an unknown account and a wrong password. */
export const logIn = defineEndpoint({
  id: 'token.log-in',
  service: 'token',
  method: 'POST',
  path: '/login',
  access: 'public',
  summary: 'Log in by password.',
  description: 'Wrong credentials and an address without proof are answered with a page, status 403.',
  input: {
    form: z.object({
      request,
      csrf_token,
      email: text(254),
      password: text(128),
    }),
  },
  success: { status: 303, body: 'redirect' },
  errors: ['csrf-token-invalid', 'gone', 'overloaded'],
  errorFormat: 'page',
});

/** For an account that gave the right password but has not proven its address: starts a new mail flow. */
export const resendVerification = defineEndpoint({
  id: 'token.resend-verification',
  service: 'token',
  method: 'POST',
  path: '/login/verification-mail',
  access: 'public',
  summary: 'Send a new verification mail.',
  input: { form: z.object({ request, csrf_token }) },
  success: { status: 200, body: 'html' },
  errors: ['csrf-token-invalid', 'gone'],
  errorFormat: 'page',
});
