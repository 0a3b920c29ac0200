import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { authorizationDetails, clientId, text } from '../../input-values.ts';

const form = z.object({
  grant_type: text(64).optional().describe('one of grant_types_supported'),
  client_id: clientId.optional(),
  client_secret: text(512).optional(),
  client_assertion_type: text(200).optional().describe('RFC 7521 4.2'),
  client_assertion: text(8_192).optional().describe('a JWT by which the client proves who it is (RFC 7523 2.2)'),
  code: text(512).optional(),
  redirect_uri: text(2_048)
    .optional()
    .describe('as at the authorization; may be left out where a code_verifier is given (OAuth 2.1 10.2)'),
  code_verifier: text(512).optional(),
  refresh_token: text(512).optional(),
  device_code: text(512).optional().describe('RFC 8628 3.4'),
  scope: text(2_048).optional(),
  assertion: text(8_192).optional().describe('RFC 7523 2.1: a JWT of a trusted issuer about its workload'),
  subject_token: text(8_192).optional().describe('RFC 8693: the token that is exchanged'),
  subject_token_type: text(200).optional(),
  actor_token: text(8_192).optional().describe('RFC 8693: of whom acts for the subject'),
  actor_token_type: text(200).optional(),
  requested_token_type: text(200).optional(),
  audience: z.array(text(512)).max(16).optional().describe('RFC 8693: names of services that the token is for'),
  authorization_details: text(8_192).optional().describe('RFC 9396: JSON, within what was granted'),
  resource: z.array(text(512)).max(16).optional().describe('RFC 8707: services that the token is for'),
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
  input: { headers: z.object({ authorization: text(4_096).optional() }), form },
  success: {
    status: 200,
    body: z.object({
      access_token: z.string(),
      token_type: z.enum(['Bearer', 'DPoP']),
      expires_in: z.number().int().describe('seconds'),
      scope: z.string().optional(),
      refresh_token: z.string().optional(),
      id_token: z.string().optional(),
      authorization_details: authorizationDetails.optional().describe('RFC 9396 7: what this token carries'),
      issued_token_type: z.string().optional().describe('of an exchange (RFC 8693 2.2.1)'),
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
    'invalid_authorization_details',
    'authorization_pending',
    'slow_down',
    'expired_token',
    'access_denied',
  ],
  errorFormat: 'oauth',
});

export type TokenRequest = z.output<typeof form>;
