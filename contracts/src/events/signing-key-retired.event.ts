import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { signingAlgorithm } from '../signing-algorithm.ts';
import { signingKeys } from '../topics.ts';

/** Another key took over. This one only verifies, until the last token that it signed has expired. */
export const signingKeyRetired = defineEvent({
  type: 'signing-key.retired',
  version: 1,
  topic: signingKeys,
  summary: 'A signing key signs no more.',
  data: z.object({
    kid: z.string().describe('the thumbprint of the key (RFC 7638)'),
    algorithm: signingAlgorithm,
    retiring_from: z.iso.datetime(),
    gone_at: z.iso.datetime().describe('when it leaves the JWKS'),
  }),
  key: () => 'signing-keys',
  audit: (data) => ({
    action: 'signing-key.retire',
    target: { kind: 'signing-key', id: data.kid },
    outcome: 'success',
  }),
  examples: [
    {
      kid: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
      algorithm: 'ES256',
      retiring_from: '2026-02-01T00:00:00Z',
      gone_at: '2026-02-01T00:11:05Z',
    },
  ],
});
