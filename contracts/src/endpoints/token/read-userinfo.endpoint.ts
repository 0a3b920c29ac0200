import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';

const declaration = {
  service: 'token',
  path: '/oauth/userinfo',
  access: 'authenticated',
  description:
    'OIDC Core 5.3. The token needs the scope `openid`; `email` and `profile` add their claims. A client that registered userinfo_signed_response_alg gets them as a signed JWT with `iss` and `aud`.',
  success: {
    status: 200,
    body: z.object({
      sub: z.string(),
      email: z.email().optional(),
      email_verified: z.boolean().optional(),
      locale: z.string().optional(),
    }),
    jwt: 'application/jwt',
  },
  errors: ['permission-denied'],
} as const;

/** What the scopes of the access token allow to know of its account. */
export const readUserinfo = defineEndpoint({
  ...declaration,
  id: 'token.read-userinfo',
  method: 'GET',
  summary: 'Claims about the account of the access token.',
  input: {},
});

/** The same by POST; the token is in the header here too. */
export const readUserinfoByForm = defineEndpoint({
  ...declaration,
  id: 'token.read-userinfo-by-form',
  method: 'POST',
  summary: 'Claims about the account of the access token, by POST.',
  input: {},
});
