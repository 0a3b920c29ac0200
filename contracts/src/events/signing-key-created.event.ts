import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { signingAlgorithm } from '../signing-algorithm.ts';
import { signingKeys } from '../topics.ts';

/** A new key is in the JWKS from now on; it signs later, or at once where there was none. */
export const signingKeyCreated = defineEvent({
  type: 'signing-key.created',
  version: 1,
  topic: signingKeys,
  summary: 'A signing key was created and published.',
  data: z.object({
    kid: z.string().describe('the thumbprint of the key (RFC 7638)'),
    algorithm: signingAlgorithm,
    active_from: z.iso.datetime().describe('when it is to sign, unless it is needed before'),
  }),
  key: () => 'signing-keys',
  audit: (data) => ({
    action: 'signing-key.create',
    target: { kind: 'signing-key', id: data.kid },
    outcome: 'success',
  }),
  examples: [
    {
      kid: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
      algorithm: 'ES256',
      active_from: '2026-02-01T00:00:00Z',
    },
  ],
});
