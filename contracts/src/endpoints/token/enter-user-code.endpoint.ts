import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { text } from '../../input-values.ts';

const user_code = text(64).describe('as the device shows it; case and punctuation do not matter');

/** RFC 8628 3.3: where a person types the code of a device. A link fills it in and confirms nothing. */
export const showUserCodeForm = defineEndpoint({
  id: 'token.show-user-code-form',
  service: 'token',
  method: 'GET',
  path: '/device',
  access: 'public',
  summary: 'Show the page for the code of a device.',
  input: { query: z.object({ user_code: user_code.optional() }) },
  success: { status: 200, body: 'html' },
  errors: [],
  errorFormat: 'page',
});

/** Sends the browser on to the login, or to the question whether the device may come in. */
export const enterUserCode = defineEndpoint({
  id: 'token.enter-user-code',
  service: 'token',
  method: 'POST',
  path: '/device',
  access: 'public',
  summary: 'Enter the code of a device.',
  description: 'An unknown code is answered with the page again, status 400; after too many the answer is 429.',
  input: { form: z.object({ user_code: user_code.optional(), csrf_token: text(128) }) },
  success: { status: 303, body: 'redirect' },
  errors: ['csrf-token-invalid', 'too-many-requests'],
  errorFormat: 'page',
});
