import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { text } from '../../input-values.ts';

const parameter = z
  .string()
  .max(2_048)
  .regex(/^[\x20-\x7e]*$/, 'has characters that are not allowed')
  .optional();

const returnAddress = {
  client_id: parameter.describe('the client that asks; the one that the ID token was issued to'),
  post_logout_redirect_uri: parameter.describe('one that the client registered, compared exactly'),
  state: parameter.describe('returned with the redirect'),
};
const parameters = z.object({
  id_token_hint: text(8_192).optional().describe('an ID token of the session, expired or not'),
  ...returnAddress,
});
const declaration = {
  service: 'token',
  access: 'public',
  description: 'OpenID Connect RP-Initiated Logout 1.0. `logout_hint` and `ui_locales` are ignored.',
  errors: [],
  errorFormat: 'page',
} as const;

/** Ends the session of the browser, at once where an ID token of it is presented; else the person is asked first. */
export const logOut = defineEndpoint({
  ...declaration,
  id: 'token.log-out',
  method: 'GET',
  path: '/oauth/logout',
  summary: 'Log out.',
  input: { query: parameters },
  success: { status: 303, body: 'redirect' },
});

/** The same by POST. Redirects to the GET, which a session cookie with SameSite=Lax reaches. */
export const logOutByForm = defineEndpoint({
  ...declaration,
  id: 'token.log-out-by-form',
  method: 'POST',
  path: '/oauth/logout',
  summary: 'Log out by a form.',
  input: { form: parameters },
  success: { status: 303, body: 'redirect' },
});

/** The answer of a person who was asked. */
export const confirmLogout = defineEndpoint({
  id: 'token.confirm-logout',
  service: 'token',
  method: 'POST',
  path: '/logout',
  access: 'public',
  summary: 'Confirm a logout.',
  input: { form: z.object({ csrf_token: text(128), ...returnAddress }) },
  success: { status: 303, body: 'redirect' },
  errors: ['csrf-token-invalid'],
  errorFormat: 'page',
});

export type LogoutParameters = z.output<typeof parameters>;
