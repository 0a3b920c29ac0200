import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { text } from '../../input-values.ts';
import { signingKeysManage } from '../../permissions.ts';

/**
 * For an emergency: the key leaves the JWKS at once, another takes over, and every token that it signed is refused by every
 * service. Idempotent.
 */
export const revokeSigningKey = defineEndpoint({
  id: 'token.revoke-signing-key',
  service: 'token',
  method: 'DELETE',
  path: '/api/v1/keys/{kid}',
  access: { permission: signingKeysManage },
  summary: 'Revoke a signing key with every token of it.',
  input: { path: z.object({ kid: text(200).regex(/\S/, 'is blank') }) },
  success: { status: 204, body: 'none' },
  errors: ['not-found', 'event-backlog-full'],
});
