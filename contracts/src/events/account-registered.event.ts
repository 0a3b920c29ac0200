import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { accounts } from '../topics.ts';

/** An account exists, not yet verified. The address itself is not part of the event. */
export const accountRegistered = defineEvent({
  type: 'account.registered',
  version: 1,
  topic: accounts,
  summary: 'An account was registered; its address is not verified yet.',
  data: z.object({
    account_id: z.uuid(),
    address_id: z.uuid().describe('id of the address that waits for its proof'),
  }),
  key: (data) => data.account_id,
  audit: (data) => ({
    action: 'account.register',
    target: { kind: 'account', id: data.account_id },
    outcome: 'success',
  }),
  examples: [
    { account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01', address_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a02' },
  ],
});
