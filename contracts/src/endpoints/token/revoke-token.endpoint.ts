import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';

/** RFC 7009. Answers 200 whether or not the token was known, so nothing is learnt from it. */
export const revokeToken = defineEndpoint({
  id: 'token.revoke-token',
  service: 'token',
  method: 'POST',
  path: '/oauth/revoke',
  access: 'client',
  summary: 'Revoke an access token, or a refresh token with all tokens of its grant.',
  input: {
    headers: z.object({ authorization: z.string().max(4_096).optional() }),
    form: z.object({
      token: z.string().max(8_192).optional(),
      token_type_hint: z.string().max(64).optional().describe('ignored where it is wrong (RFC 7009 2.1)'),
      client_id: z
        .string()
        .max(200)
        .regex(/^[\x20-\x7e]*$/, 'has characters that are not allowed')
        .optional(),
      client_secret: z.string().max(512).optional(),
      client_assertion_type: z.string().max(200).optional(),
      client_assertion: z.string().max(8_192).optional(),
    }),
  },
  success: { status: 200, body: 'none' },
  errors: ['invalid_request', 'invalid_client'],
  errorFormat: 'oauth',
});
