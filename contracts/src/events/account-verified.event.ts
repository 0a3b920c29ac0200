import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { accounts } from '../topics.ts';

/** The account's address is proven: it may log in. */
export const accountVerified = defineEvent({
  type: 'account.verified',
  version: 1,
  topic: accounts,
  summary: "The account's address is proven; the account may log in.",
  data: z.object({ account_id: z.uuid(), address_id: z.uuid(), flow_id: z.uuid() }),
  key: (data) => data.account_id,
  audit: (data) => ({ action: 'account.verify', target: { kind: 'account', id: data.account_id }, outcome: 'success' }),
  examples: [
    {
      account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      address_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a02',
      flow_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a03',
    },
  ],
});
