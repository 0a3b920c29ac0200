import { defineEndpoint } from '../../define-endpoint.ts';
import { text } from '../../input-values.ts';
import { clientManage } from '../../permissions.ts';
import { clientPath, ifMatch } from './client-resource.ts';

/** The secret counts no longer. The last one of a client that needs one stays (409). */
export const removeClientSecret = defineEndpoint({
  id: 'token.remove-client-secret',
  service: 'token',
  method: 'DELETE',
  path: '/api/v1/clients/{client_id}/secrets/{secret_id}',
  access: { permission: clientManage },
  summary: 'Take a secret from a client.',
  input: { path: clientPath.extend({ secret_id: text(64) }), headers: ifMatch },
  success: { status: 204, body: 'none' },
  errors: ['not-found', 'conflict', 'precondition-failed', 'event-backlog-full'],
});
