import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { text } from '../../input-values.ts';

/** RFC 6749 appendix A: visible ASCII and space. */
const parameter = z
  .string()
  .max(2_048)
  .regex(/^[\x20-\x7e]*$/, 'has characters that are not allowed')
  .optional();

export const authorizationParameters = z.object({
  client_id: parameter,
  redirect_uri: parameter.describe('one of the registered URIs, compared exactly'),
  response_type: parameter.describe('`code`'),
  response_mode: parameter.describe(
    '`query`, `fragment` or `form_post`; as a signed JWT `jwt`, or one of them with `.jwt`',
  ),
  scope: parameter,
  state: parameter,
  nonce: parameter,
  code_challenge: parameter.describe('RFC 7636; required unless the client is exempt'),
  code_challenge_method: parameter.describe('`S256`'),
  resource: z.array(text(512)).max(16).optional().describe('RFC 8707: services that the tokens are for'),
  authorization_details: text(8_192).optional().describe('RFC 9396: JSON, a list of objects with a type'),
  prompt: parameter.describe('`none`, or any of `login`, `consent`, `select_account` (OIDC Core 3.1.2.1)'),
  max_age: parameter.describe('how old the login may be, in seconds'),
  login_hint: parameter.describe('an e-mail address to fill in'),
  id_token_hint: text(8_192).optional().describe('an ID token of the account that is expected'),
  acr_values: parameter.describe('wished authentication contexts; another one is no error'),
  ui_locales: parameter,
  claims: text(8_192).optional().describe('JSON of OIDC Core 5.5'),
  dpop_jkt: parameter.describe('RFC 9449 10: the key that the code is bound to'),
  request: text(16_384).optional().describe('a signed request object (RFC 9101), beside which only client_id counts'),
  request_uri: parameter.describe('of a pushed request (RFC 9126), beside which only client_id counts'),
});
const declaration = {
  service: 'token',
  path: '/oauth/authorize',
  access: 'public',
  description:
    'RFC 6749 4.1 with PKCE (RFC 7636), resource indicators (RFC 8707), signed requests (RFC 9101), signed answers (JARM) and `iss` in the answer (RFC 9207).',
  errors: ['overloaded'],
  errorFormat: 'page',
  answersRepeated: true,
} as const;

/** Sends the browser on: to the login page, or back to the client with a code or an error. */
export const authorize = defineEndpoint({
  ...declaration,
  id: 'token.authorize',
  method: 'GET',
  summary: 'Ask for an authorization code.',
  input: { query: authorizationParameters },
  success: { status: 303, body: 'redirect' },
});

/** OIDC Core 3.1.2.1: the same by POST. Redirects to the GET, which a session cookie with SameSite=Lax reaches. */
export const authorizeByForm = defineEndpoint({
  ...declaration,
  id: 'token.authorize-by-form',
  method: 'POST',
  summary: 'Ask for an authorization code by a form.',
  input: { form: authorizationParameters },
  success: { status: 303, body: 'redirect' },
});

export type AuthorizationParameters = z.output<typeof authorizationParameters>;
