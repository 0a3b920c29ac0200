import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { tokens } from '../topics.ts';

/** A client exchanged an authorization code: it holds tokens of an account from now on. */
export const grantCreated = defineEvent({
  type: 'grant.created',
  version: 1,
  topic: tokens,
  summary: 'A client received its first tokens for an account.',
  data: z.object({
    grant_id: z.uuid().describe('in every token of the grant'),
    account_id: z.uuid(),
    client_id: z.string(),
    session_id: z.uuid().describe('the session in which the account agreed'),
    jti: z.uuid().describe('the access token'),
    scope: z.array(z.string()),
    audience: z.array(z.string()),
    authorization_details_types: z.array(z.string()).optional().describe('of what else was granted (RFC 9396)'),
    refreshable: z.boolean().describe('whether a refresh token was given'),
  }),
  key: (data) => data.grant_id,
  audit: (data) => ({ action: 'grant.create', target: { kind: 'grant', id: data.grant_id }, outcome: 'success' }),
  examples: [
    {
      grant_id: '0198f0c2-7a52-7c3e-9a60-0d6f4d1b2a04',
      account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      client_id: 'demo',
      session_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a05',
      jti: '0198f0c2-7a52-7c3e-9a60-0d6f4d1b2a06',
      scope: ['openid'],
      audience: ['http://127.0.0.1:4002'],
      refreshable: true,
    },
  ],
});
