import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { clientId, text } from '../../input-values.ts';

/** RFC 8628 3.1: codes for a device that has no browser, or no keyboard worth the name. */
export const authorizeDevice = defineEndpoint({
  id: 'token.authorize-device',
  service: 'token',
  method: 'POST',
  path: '/oauth/device_authorization',
  access: 'client',
  summary: 'Ask for the codes of a device.',
  description: 'RFC 8628 3.1. The client authenticates as at the token endpoint, where it then asks for its tokens.',
  input: {
    headers: z.object({ authorization: text(4_096).optional() }),
    form: z.object({
      client_id: clientId.optional(),
      client_secret: text(512).optional(),
      client_assertion_type: text(200).optional().describe('RFC 7521 4.2'),
      client_assertion: text(8_192).optional(),
      scope: text(2_048).optional(),
      resource: z.array(text(512)).max(16).optional().describe('RFC 8707: services that the tokens are for'),
      authorization_details: text(8_192).optional().describe('RFC 9396: JSON, a list of objects with a type'),
    }),
  },
  success: {
    status: 200,
    body: z.object({
      device_code: z.string(),
      user_code: z.string().describe('what the person types, `XXXX-XXXX`'),
      verification_uri: z.url(),
      verification_uri_complete: z.url().describe('with the user code, e.g. for a QR code'),
      expires_in: z.int().describe('seconds'),
      interval: z.int().describe('seconds between two questions at the token endpoint'),
    }),
  },
  errors: [
    'invalid_request',
    'invalid_client',
    'unauthorized_client',
    'invalid_scope',
    'invalid_target',
    'invalid_authorization_details',
  ],
  errorFormat: 'oauth',
});
