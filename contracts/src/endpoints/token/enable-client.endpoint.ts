import { defineEndpoint } from '../../define-endpoint.ts';
import { clientManage } from '../../permissions.ts';
import { client, clientExample, clientPath, ifMatch } from './client-resource.ts';

/** Accepts a disabled client again, with the grants that it had. Repeatable. */
export const enableClient = defineEndpoint({
  id: 'token.enable-client',
  service: 'token',
  method: 'POST',
  path: '/api/v1/clients/{client_id}/enable',
  access: { permission: clientManage },
  summary: 'Enable a client.',
  input: { path: clientPath, headers: ifMatch },
  success: { status: 200, body: client, example: clientExample },
  errors: ['not-found', 'precondition-failed', 'event-backlog-full'],
});
