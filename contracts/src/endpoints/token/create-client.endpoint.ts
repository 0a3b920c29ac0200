import { defineEndpoint } from '../../define-endpoint.ts';
import { clientManage } from '../../permissions.ts';
import { clientExample, clientInput, clientWithSecret } from './client-resource.ts';

/** Registers a client. Its id and its secret are made here; the secret is shown once. */
export const createClient = defineEndpoint({
  id: 'token.create-client',
  service: 'token',
  method: 'POST',
  path: '/api/v1/clients',
  access: { permission: clientManage },
  summary: 'Register a client.',
  input: { json: clientInput },
  success: { status: 201, body: clientWithSecret, example: clientExample },
  errors: ['event-backlog-full'],
});
