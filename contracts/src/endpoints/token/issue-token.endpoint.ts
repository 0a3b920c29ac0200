import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { oauthParameter, resourceParameter } from './oauth-parameter.ts';

const form = z.object({
  grant_type: oauthParameter(64).describe('authorization_code, refresh_token or client_credentials'),
  client_id: oauthParameter(200),
  client_secret: oauthParameter(512),
  code: oauthParameter(512),
  redirect_uri: oauthParameter(2_048),
  code_verifier: oauthParameter(512),
  refresh_token: oauthParameter(512),
  scope: oauthParameter(2_048),
  resource: resourceParameter,
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
      token_type: z.literal('Bearer'),
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
  ],
  errorFormat: 'oauth',
});

export type TokenRequest = z.output<typeof form>;
