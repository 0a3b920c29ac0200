import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { text, uuid } from '../../input-values.ts';

const request = uuid.describe('the pending authorization request, bound to the browser');

/** What a client asks for, shown to the account that is logged in. Plain HTML, no script. */
export const showConsent = defineEndpoint({
  id: 'token.show-consent',
  service: 'token',
  method: 'GET',
  path: '/consent',
  access: 'public',
  summary: 'Show the consent page.',
  input: { query: z.object({ request }) },
  success: { status: 200, body: 'html' },
  errors: ['gone'],
  errorFormat: 'page',
});

/** Remembers what was allowed and sends the browser back to the client: with a code, or with access_denied. */
export const giveConsent = defineEndpoint({
  id: 'token.give-consent',
  service: 'token',
  method: 'POST',
  path: '/consent',
  access: 'public',
  summary: 'Allow or deny what a client asks for.',
  input: { form: z.object({ request, csrf_token: text(128), decision: z.enum(['allow', 'deny']) }) },
  success: { status: 303, body: 'redirect' },
  errors: ['csrf-token-invalid', 'gone'],
  errorFormat: 'page',
});
