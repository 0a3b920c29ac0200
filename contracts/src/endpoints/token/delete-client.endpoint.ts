import { defineEndpoint } from '../../define-endpoint.ts';
import { clientManage } from '../../permissions.ts';
import { clientPath, ifMatch } from './client-resource.ts';

/** Removes a client with everything that it holds; its access tokens are revoked. */
export const deleteClient = defineEndpoint({
  id: 'token.delete-client',
  service: 'token',
  method: 'DELETE',
  path: '/api/v1/clients/{client_id}',
  access: { permission: clientManage },
  summary: 'Delete a client.',
  input: { path: clientPath, headers: ifMatch },
  success: { status: 204, body: 'none' },
  errors: ['not-found', 'precondition-failed', 'event-backlog-full'],
});
