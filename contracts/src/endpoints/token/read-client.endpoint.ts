import { defineEndpoint } from '../../define-endpoint.ts';
import { clientRead } from '../../permissions.ts';
import { client, clientExample, clientPath } from './client-resource.ts';

/** One client, without its secrets. */
export const readClient = defineEndpoint({
  id: 'token.read-client',
  service: 'token',
  method: 'GET',
  path: '/api/v1/clients/{client_id}',
  access: { permission: clientRead },
  summary: 'Read a client.',
  input: { path: clientPath },
  success: { status: 200, body: client, example: clientExample },
  errors: ['not-found'],
});
