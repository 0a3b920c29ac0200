import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { tokens } from '../topics.ts';

/** An account let a device in; it gets its tokens at its next question. */
export const deviceAuthorizationApproved = defineEvent({
  type: 'device-authorization.approved',
  version: 1,
  topic: tokens,
  summary: 'An account let a device in.',
  data: z.object({
    grant_id: z.uuid().describe('of the grant that it may become'),
    client_id: z.string(),
    account_id: z.uuid(),
    session_id: z.uuid().describe('the session in which the account agreed'),
    scope: z.array(z.string()),
    authorization_details_types: z.array(z.string()).optional().describe('of what else was allowed (RFC 9396)'),
  }),
  key: (data) => data.grant_id,
  audit: (data) => ({
    action: 'device-authorization.approve',
    target: { kind: 'grant', id: data.grant_id },
    outcome: 'success',
  }),
  examples: [
    {
      grant_id: '0198f0c2-7a52-7c3e-9a60-0d6f4d1b2a04',
      client_id: 'tv',
      account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      session_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a05',
      scope: ['openid'],
    },
  ],
});
