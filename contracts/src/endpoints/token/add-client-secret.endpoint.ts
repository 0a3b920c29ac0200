import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { clientManage } from '../../permissions.ts';
import { clientPath, ifMatch } from './client-resource.ts';

/** A new secret beside the old one, so that it can be replaced without a pause; two are the most (409). */
export const addClientSecret = defineEndpoint({
  id: 'token.add-client-secret',
  service: 'token',
  method: 'POST',
  path: '/api/v1/clients/{client_id}/secrets',
  access: { permission: clientManage },
  summary: 'Give a client a further secret.',
  input: { path: clientPath, headers: ifMatch },
  success: { status: 201, body: z.object({ id: z.string(), client_secret: z.string().describe('shown once') }) },
  errors: ['not-found', 'conflict', 'precondition-failed', 'event-backlog-full'],
});
