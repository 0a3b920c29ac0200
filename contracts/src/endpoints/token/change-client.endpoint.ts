import { defineEndpoint } from '../../define-endpoint.ts';
import { clientManage } from '../../permissions.ts';
import { clientExample, clientInput, clientPath, clientWithSecret, ifMatch } from './client-resource.ts';

/** Replaces metadata and policy as a whole. A client that needs a secret from now on gets one, shown once; one that needs none loses its own. */
export const changeClient = defineEndpoint({
  id: 'token.change-client',
  service: 'token',
  method: 'PUT',
  path: '/api/v1/clients/{client_id}',
  access: { permission: clientManage },
  summary: 'Change a client.',
  input: { path: clientPath, headers: ifMatch, json: clientInput },
  success: { status: 200, body: clientWithSecret, example: clientExample },
  errors: ['not-found', 'precondition-failed', 'event-backlog-full'],
});
