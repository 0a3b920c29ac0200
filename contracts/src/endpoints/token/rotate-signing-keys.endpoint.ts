import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { signingKeysManage } from '../../permissions.ts';
import { signingAlgorithm } from '../../signing-algorithm.ts';

/**
 * The next key signs from now on, ahead of its time; tokens of the last one stay valid. A next key that was not published
 * long enough for every client to have it is a 409, and nothing is changed.
 */
export const rotateSigningKeys = defineEndpoint({
  id: 'token.rotate-signing-keys',
  service: 'token',
  method: 'POST',
  path: '/api/v1/keys/rotation',
  access: { permission: signingKeysManage },
  summary: 'Replace the signing keys now.',
  input: {
    json: z.strictObject({
      algorithm: signingAlgorithm.optional().describe('only the key of this one; all without it'),
    }),
  },
  success: {
    status: 200,
    body: z.object({ activated: z.array(z.object({ kid: z.string(), algorithm: signingAlgorithm })) }),
  },
  errors: ['conflict', 'event-backlog-full'],
});
