import { defineEndpoint } from '../../define-endpoint.ts';
import { clientManage } from '../../permissions.ts';
import { client, clientExample, clientPath, ifMatch } from './client-resource.ts';

/** Refuses the client from now on, on every instance within a second, and revokes its access tokens. Repeatable. */
export const disableClient = defineEndpoint({
  id: 'token.disable-client',
  service: 'token',
  method: 'POST',
  path: '/api/v1/clients/{client_id}/disable',
  access: { permission: clientManage },
  summary: 'Disable a client.',
  input: { path: clientPath, headers: ifMatch },
  success: { status: 200, body: client, example: clientExample },
  errors: ['not-found', 'precondition-failed', 'event-backlog-full'],
});
