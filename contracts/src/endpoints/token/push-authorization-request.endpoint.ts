import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { text } from '../../input-values.ts';
import { authorizationParameters } from './authorize.endpoint.ts';

/** RFC 9126 2: checks the parameters of an authorization request, and keeps them for a minute under a name of one use. */
export const pushAuthorizationRequest = defineEndpoint({
  id: 'token.push-authorization-request',
  service: 'token',
  method: 'POST',
  path: '/oauth/par',
  access: 'client',
  summary: 'Push the parameters of an authorization request.',
  description: 'RFC 9126. The client authenticates as at the token endpoint.',
  input: {
    headers: z.object({ authorization: text(4_096).optional() }),
    form: authorizationParameters.extend({
      client_secret: text(512).optional(),
      client_assertion_type: text(200).optional().describe('RFC 7521 4.2'),
      client_assertion: text(8_192).optional(),
    }),
  },
  success: {
    status: 201,
    body: z.object({
      request_uri: z.string().describe('to be sent to the authorization endpoint with client_id'),
      expires_in: z.int().describe('seconds'),
    }),
  },
  errors: [
    'invalid_request',
    'invalid_client',
    'unauthorized_client',
    'unsupported_response_type',
    'invalid_scope',
    'invalid_target',
    'invalid_authorization_details',
    'invalid_request_object',
  ],
  errorFormat: 'oauth',
});

export type PushedParameters = z.output<typeof pushAuthorizationRequest.input.form>;
