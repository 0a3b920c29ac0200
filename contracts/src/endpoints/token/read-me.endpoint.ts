import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';

const account = z.object({
  kind: z.literal('account'),
  id: z.uuid(),
  client_id: z.string().describe('the client that acts for the account'),
  scope: z.string(),
  email: z.email().optional().describe('with scope `email`'),
  email_verified: z.boolean().optional().describe('with scope `email`'),
  last_login_at: z.iso.datetime().nullable(),
});
const client = z.object({
  kind: z.literal('client'),
  id: z.string(),
  client_id: z.string(),
  scope: z.string(),
});

/** Whom the presented access token stands for; its audience must be the issuer. */
export const readMe = defineEndpoint({
  id: 'token.read-me',
  service: 'token',
  method: 'GET',
  path: '/api/v1/me',
  access: 'authenticated',
  summary: 'Show whom the access token stands for.',
  input: {},
  success: { status: 200, body: z.discriminatedUnion('kind', [account, client]) },
  description: 'Not for clients with pairwise subjects (OIDC Core 8.1): they must not learn the id of the account.',
  errors: ['permission-denied'],
});
