import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { uuid } from '../../input-values.ts';
import { tokenGrantRevoke } from '../../permissions.ts';

/** Ends every login, grant and token of an account, and tells the clients that it was logged in at. Repeatable. */
export const revokeAllOfAccount = defineEndpoint({
  id: 'token.revoke-all-of-account',
  service: 'token',
  method: 'DELETE',
  path: '/api/v1/accounts/{account_id}/grants',
  access: { permission: tokenGrantRevoke },
  summary: 'End every login, grant and token of an account.',
  input: { path: z.object({ account_id: uuid }) },
  success: { status: 204, body: 'none' },
  errors: ['not-found', 'event-backlog-full'],
});
