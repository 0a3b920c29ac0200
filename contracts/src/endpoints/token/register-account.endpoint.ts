import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { text } from '../../input-values.ts';

/** Answers the same in the same time for a new, a known and an unverified address: only the owner's mailbox tells. */
export const registerAccount = defineEndpoint({
  id: 'token.register-account',
  service: 'token',
  method: 'POST',
  path: '/api/v1/accounts',
  access: 'public',
  summary: 'Register an account.',
  description: 'A mail goes to the address: with a code and a link, or, where an account exists already, saying so.',
  input: {
    json: z.strictObject({
      email: z.email().max(254),
      password: text(128).min(8, 'must have at least 8 characters'),
      locale: z
        .string()
        .max(35)
        .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, 'must be a language tag such as en or pt-BR')
        .optional()
        .describe('BCP 47 tag of the language for mails'),
    }),
  },
  success: {
    status: 202,
    body: z.object({ status: z.literal('accepted') }),
    example: { status: 'accepted' },
  },
  errors: ['overloaded'],
});
