import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { tokens } from '../topics.ts';

/** A refresh token was exchanged for an access token. */
export const grantRefreshed = defineEvent({
  type: 'grant.refreshed',
  version: 1,
  topic: tokens,
  summary: 'A refresh token was exchanged for a new access token.',
  data: z.object({
    grant_id: z.uuid(),
    account_id: z.uuid(),
    client_id: z.string(),
    jti: z.uuid().describe('the new access token'),
    scope: z.array(z.string()),
    audience: z.array(z.string()),
    repeated: z.boolean().describe('a retry within the grace window, which got the same refresh token again'),
  }),
  key: (data) => data.grant_id,
  audit: (data) => ({
    action: 'grant.refresh',
    target: { kind: 'grant', id: data.grant_id },
    outcome: 'success',
    reason: data.repeated ? 'repeated' : undefined,
  }),
  examples: [
    {
      grant_id: '0198f0c2-7a52-7c3e-9a60-0d6f4d1b2a04',
      account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      client_id: 'demo',
      jti: '0198f0c2-7a52-7c3e-9a60-0d6f4d1b2a07',
      scope: ['openid'],
      audience: ['http://127.0.0.1:4002'],
      repeated: false,
    },
  ],
});
