import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { authorizationDetails, clientId, text } from '../../input-values.ts';

const inactive = z.object({ active: z.literal(false) });
const active = z.object({
  active: z.literal(true),
  iss: z.url(),
  sub: z.string(),
  client_id: z.string(),
  token_type: z.enum(['Bearer', 'DPoP', 'refresh_token']),
  scope: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  iat: z.int().optional(),
  exp: z.int(),
  jti: z.string().optional(),
  sid: z.string().optional(),
  grant_id: z.string().optional(),
  auth_time: z.int().optional().describe('when the person logged in (RFC 9470 6.2)'),
  acr: z.string().optional(),
  cnf: z.object({ jkt: z.string().optional(), 'x5t#S256': z.string().optional() }).optional(),
  authorization_details: authorizationDetails.optional().describe('RFC 9396 9.2'),
  act: z.record(z.string(), z.unknown()).optional().describe('who acts for the subject (RFC 8693 4.1)'),
  may_act: z.record(z.string(), z.unknown()).optional().describe('who may act for the subject (RFC 8693 4.4)'),
});

/** RFC 7662. A token that the caller has no business with is inactive to it, like one that never was. */
export const introspectToken = defineEndpoint({
  id: 'token.introspect-token',
  service: 'token',
  method: 'POST',
  path: '/oauth/introspect',
  access: 'client',
  summary: 'Ask whether a token is valid, and what it says.',
  description:
    'Answers the client that the token was issued to and the services in its audience; others get `active: false`.',
  input: {
    headers: z.object({
      authorization: text(4_096).optional(),
      accept: text(1_024).optional().describe('application/token-introspection+jwt for a signed answer (RFC 9701)'),
    }),
    form: z.object({
      token: text(8_192).optional(),
      token_type_hint: text(64).optional().describe('ignored where it is wrong (RFC 7662 2.1)'),
      client_id: clientId.optional(),
      client_secret: text(512).optional(),
      client_assertion_type: text(200).optional(),
      client_assertion: text(8_192).optional(),
    }),
  },
  success: {
    status: 200,
    body: z.discriminatedUnion('active', [active, inactive]),
    example: { active: false },
    jwt: 'application/token-introspection+jwt',
  },
  errors: ['invalid_request', 'invalid_client'],
  errorFormat: 'oauth',
});
