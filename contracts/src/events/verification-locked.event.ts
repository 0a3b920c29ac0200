import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { emailVerifications } from '../topics.ts';

/** The last wrong code that a flow allows was typed: no code confirms it any more, only the link of its mails. */
export const verificationLocked = defineEvent({
  type: 'verification.locked',
  version: 1,
  topic: emailVerifications,
  summary: 'Too many wrong codes were typed for a flow.',
  data: z.object({ flow_id: z.uuid(), account_id: z.uuid(), address_id: z.uuid(), wrong_codes: z.int().positive() }),
  key: (data) => data.account_id,
  audit: (data) => ({
    action: 'email.verify',
    target: { kind: 'email-address', id: data.address_id },
    outcome: 'denied',
    reason: 'too many wrong codes',
  }),
  examples: [
    {
      flow_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a03',
      account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      address_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a02',
      wrong_codes: 5,
    },
  ],
});
