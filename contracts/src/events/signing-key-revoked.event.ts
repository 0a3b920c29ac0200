import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { signingAlgorithm } from '../signing-algorithm.ts';
import { signingKeys } from '../topics.ts';

/** Emergency: it left the JWKS at once, and every token that it signed is revoked with it. */
export const signingKeyRevoked = defineEvent({
  type: 'signing-key.revoked',
  version: 1,
  topic: signingKeys,
  summary: 'A signing key was revoked.',
  data: z.object({
    kid: z.string().describe('the thumbprint of the key (RFC 7638)'),
    algorithm: signingAlgorithm,
    revoked_at: z.iso.datetime(),
  }),
  key: () => 'signing-keys',
  audit: (data) => ({
    action: 'signing-key.revoke',
    target: { kind: 'signing-key', id: data.kid },
    outcome: 'success',
  }),
  examples: [
    {
      kid: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
      algorithm: 'ES256',
      revoked_at: '2026-02-01T00:00:00Z',
    },
  ],
});
