import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';

/** RFC 7517: the public keys that verify tokens. */
export const readJwks = defineEndpoint({
  id: 'token.read-jwks',
  service: 'token',
  method: 'GET',
  path: '/oauth/jwks',
  access: 'public',
  summary: 'Public keys for verifying tokens.',
  input: {},
  success: {
    status: 200,
    body: z.object({
      keys: z.array(
        z.object({
          kty: z.literal('EC'),
          crv: z.literal('P-256'),
          x: z.string(),
          y: z.string(),
          kid: z.string(),
          alg: z.literal('ES256'),
          use: z.literal('sig'),
        }),
      ),
    }),
  },
  errors: [],
});
