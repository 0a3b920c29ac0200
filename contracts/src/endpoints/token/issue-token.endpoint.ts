import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';

const form = z.object({
  grant_type: z.string().max(64).optional().describe('one of grant_types_supported'),
  client_id: z
    .string()
    .max(200)
    .regex(/^[\x20-\x7e]*$/, 'has characters that are not allowed')
    .optional(),
  client_secret: z.string().max(512).optional(),
  client_assertion_type: z.string().max(200).optional().describe('RFC 7521 4.2'),
  client_assertion: z
    .string()
    .max(8_192)
    .optional()
    .describe('a JWT by which the client proves who it is (RFC 7523 2.2)'),
  code: z.string().max(512).optional(),
  redirect_uri: z.string().max(2_048).optional(),
  code_verifier: z.string().max(512).optional(),
  refresh_token: z.string().max(512).optional(),
  device_code: z.string().max(512).optional().describe('RFC 8628 3.4'),
  scope: z.string().max(2_048).optional(),
  resource: z.array(z.string().max(512)).max(16).optional().describe('RFC 8707: services that the token is for'),
});

/** RFC 6749 3.2. */
export const issueToken = defineEndpoint({
  id: 'token.issue-token',
  service: 'token',
  method: 'POST',
  path: '/oauth/token',
  access: 'client',
  summary: 'Exchange a grant for tokens.',
  description: 'RFC 6749 3.2. The access token is a JWT (RFC 9068) for the services that `resource` names (RFC 8707).',
  input: { headers: z.object({ authorization: z.string().max(4_096).optional() }), form },
  success: {
    status: 200,
    body: z.object({
      access_token: z.string(),
      token_type: z.enum(['Bearer', 'DPoP']),
      expires_in: z.number().int().describe('seconds'),
      scope: z.string().optional(),
      refresh_token: z.string().optional(),
      id_token: z.string().optional(),
    }),
  },
  errors: [
    'invalid_request',
    'invalid_client',
    'invalid_grant',
    'unauthorized_client',
    'unsupported_grant_type',
    'invalid_scope',
    'invalid_target',
    'authorization_pending',
    'slow_down',
    'expired_token',
    'access_denied',
  ],
  errorFormat: 'oauth',
});

export type TokenRequest = z.output<typeof form>;
