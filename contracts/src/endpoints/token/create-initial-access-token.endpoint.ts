import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { clientManage } from '../../permissions.ts';

/** A token for somebody who is to register clients with CLIENT_REGISTRATION=initial_access_token (RFC 7591 3). */
export const createInitialAccessToken = defineEndpoint({
  id: 'token.create-initial-access-token',
  service: 'token',
  method: 'POST',
  path: '/api/v1/clients/initial-access-tokens',
  access: { permission: clientManage },
  summary: 'Let somebody register clients.',
  input: {
    json: z.strictObject({
      uses: z.int().min(1).max(1_000).default(1).describe('how many clients may be registered with it'),
      expires_in: z.int().min(60).max(2_592_000).default(86_400).describe('seconds'),
    }),
  },
  success: {
    status: 201,
    body: z.object({
      id: z.uuid(),
      initial_access_token: z.string().describe('shown once'),
      uses: z.int().positive(),
      expires_at: z.iso.datetime(),
    }),
  },
  errors: ['event-backlog-full'],
});
