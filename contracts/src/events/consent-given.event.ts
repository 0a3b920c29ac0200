import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { accounts } from '../topics.ts';

/** An account allowed a client something. */
export const consentGiven = defineEvent({
  type: 'consent.given',
  version: 1,
  topic: accounts,
  summary: 'An account allowed a client what it asked for; it is remembered.',
  data: z.object({
    account_id: z.uuid(),
    client_id: z.string(),
    scope: z.array(z.string()).describe('all that is allowed from now on'),
    authorization_details_types: z
      .array(z.string())
      .optional()
      .describe('of what else was allowed this once (RFC 9396)'),
  }),
  key: (data) => data.account_id,
  audit: (data) => ({ action: 'consent.give', target: { kind: 'client', id: data.client_id }, outcome: 'success' }),
  examples: [{ account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01', client_id: 'demo', scope: ['openid', 'email'] }],
});
