import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { signingAlgorithm } from '../signing-algorithm.ts';
import { signingKeys } from '../topics.ts';

/** A key signs every new token of its algorithm from `active_from` on. */
export const signingKeyActivated = defineEvent({
  type: 'signing-key.activated',
  version: 1,
  topic: signingKeys,
  summary: 'A signing key became active.',
  data: z.object({
    kid: z.string().describe('the thumbprint of the key (RFC 7638)'),
    algorithm: signingAlgorithm,
    active_from: z.iso.datetime(),
  }),
  key: () => 'signing-keys',
  audit: (data) => ({
    action: 'signing-key.activate',
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
