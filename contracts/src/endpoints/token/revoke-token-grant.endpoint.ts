import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { uuid } from '../../input-values.ts';
import { tokenGrantRevoke } from '../../permissions.ts';

/** Ends a grant with every token of it; every service refuses them within a second. Repeatable. */
export const revokeTokenGrant = defineEndpoint({
  id: 'token.revoke-token-grant',
  service: 'token',
  method: 'DELETE',
  path: '/api/v1/grants/{grant_id}',
  access: { permission: tokenGrantRevoke },
  summary: 'End what a client holds for an account.',
  input: { path: z.object({ grant_id: uuid }) },
  success: { status: 204, body: 'none' },
  errors: ['not-found', 'event-backlog-full'],
});
