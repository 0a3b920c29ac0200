import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { signingAlgorithm } from '../signing-algorithm.ts';
import { signingKeys } from '../topics.ts';

/** Its time is over: it left the JWKS, and its private half was erased. */
export const signingKeyRemoved = defineEvent({
  type: 'signing-key.removed',
  version: 1,
  topic: signingKeys,
  summary: 'A signing key was removed.',
  data: z.object({
    kid: z.string().describe('the thumbprint of the key (RFC 7638)'),
    algorithm: signingAlgorithm,
  }),
  key: () => 'signing-keys',
  audit: (data) => ({
    action: 'signing-key.remove',
    target: { kind: 'signing-key', id: data.kid },
    outcome: 'success',
  }),
  examples: [
    {
      kid: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
      algorithm: 'ES256',
    },
  ],
});
