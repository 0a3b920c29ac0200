import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { accounts } from '../topics.ts';

/** An account logged out of a browser, another account logged in there, or everything of the account was ended. */
export const sessionEnded = defineEvent({
  type: 'session.ended',
  version: 1,
  topic: accounts,
  summary: 'The session of an account in a browser ended.',
  data: z.object({
    account_id: z.uuid(),
    session_id: z.uuid(),
    client_id: z.string().nullable().describe('the client that asked for it; null where none did'),
    revoked_grants: z.int().nonnegative().describe('grants that ended with it; those with offline_access go on'),
  }),
  key: (data) => data.account_id,
  audit: (data) => ({
    action: 'account.logout',
    target: { kind: 'account', id: data.account_id },
    outcome: 'success',
  }),
  examples: [
    {
      account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      session_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a05',
      client_id: 'demo',
      revoked_grants: 2,
    },
  ],
});
