import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { emailVerifications } from '../topics.ts';

/** A person proved that they read mail at an address; ids only. */
export const emailVerified = defineEvent({
  type: 'email.verified',
  version: 1,
  topic: emailVerifications,
  summary: 'An address was proven by its code or link.',
  data: z.object({
    flow_id: z.uuid(),
    account_id: z.uuid(),
    address_id: z.uuid(),
    method: z.enum(['code', 'link']),
  }),
  key: (data) => data.account_id,
  audit: (data) => ({
    action: 'email.verify',
    target: { kind: 'email-address', id: data.address_id },
    outcome: 'success',
    reason: data.method,
  }),
  examples: [
    {
      flow_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a03',
      account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      address_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a02',
      method: 'code',
    },
  ],
});
