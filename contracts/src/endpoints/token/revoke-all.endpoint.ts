import { defineEndpoint } from '../../define-endpoint.ts';

/** Ends every login, grant and token of the caller's account, the one of this request included. */
export const revokeAll = defineEndpoint({
  id: 'token.revoke-all',
  service: 'token',
  method: 'DELETE',
  path: '/api/v1/me/grants',
  access: 'authenticated',
  summary: 'End every login, grant and token of the own account.',
  input: {},
  success: { status: 204, body: 'none' },
  errors: ['permission-denied'],
});
