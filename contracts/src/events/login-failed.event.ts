import { z } from 'zod';
import { defineFact } from '../define-event.ts';
import { accounts } from '../topics.ts';

/** A login was refused. The address that was tried is not part of the event. */
export const loginFailed = defineFact({
  type: 'login.failed',
  version: 1,
  topic: accounts,
  summary: 'A login was refused.',
  data: z.object({
    account_id: z.uuid().nullable().describe('null where the address belongs to no account'),
    client_id: z.string().describe('the client that asked for the login'),
    reason: z.enum(['unknown_account', 'wrong_password', 'unverified']),
  }),
  audit: (data) => ({
    action: 'account.login',
    target: { kind: 'account', id: data.account_id ?? 'unknown' },
    outcome: 'failure',
    reason: data.reason,
  }),
  examples: [
    { account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01', client_id: 'demo', reason: 'wrong_password' },
    { account_id: null, client_id: 'demo', reason: 'unknown_account' },
  ],
});
