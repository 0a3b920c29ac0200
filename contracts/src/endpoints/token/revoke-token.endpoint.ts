import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { clientId, text } from '../../input-values.ts';

/** RFC 7009. Answers 200 whether or not the token was known, so nothing is learnt from it. */
export const revokeToken = defineEndpoint({
  id: 'token.revoke-token',
  service: 'token',
  method: 'POST',
  path: '/oauth/revoke',
  access: 'client',
  summary: 'Revoke an access token, or a refresh token with all tokens of its grant.',
  input: {
    headers: z.object({ authorization: text(4_096).optional() }),
    form: z.object({
      token: text(8_192).optional(),
      token_type_hint: text(64).optional().describe('ignored where it is wrong (RFC 7009 2.1)'),
      client_id: clientId.optional(),
      client_secret: text(512).optional(),
      client_assertion_type: text(200).optional(),
      client_assertion: text(8_192).optional(),
    }),
  },
  success: { status: 200, body: 'none' },
  errors: ['invalid_request', 'invalid_client'],
  errorFormat: 'oauth',
});
