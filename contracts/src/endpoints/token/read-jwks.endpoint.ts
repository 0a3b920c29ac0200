import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';

const common = { kid: z.string(), use: z.literal('sig') };
const [ec, okp, rsa] = [
  z.object({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: z.string(),
    y: z.string(),
    alg: z.literal('ES256'),
    ...common,
  }),
  z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), alg: z.literal('EdDSA'), ...common }),
  z.object({ kty: z.literal('RSA'), n: z.string(), e: z.string(), alg: z.enum(['RS256', 'PS256']), ...common }),
];

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
      keys: z.array(z.discriminatedUnion('kty', [ec, okp, rsa])),
    }),
  },
  errors: [],
});
