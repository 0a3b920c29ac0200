import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { emailVerifications } from '../topics.ts';

/** The mail server took responsibility for a mail; ids only. */
export const mailSent = defineEvent({
  type: 'mail.sent',
  version: 1,
  topic: emailVerifications,
  summary: 'The mail server accepted a mail.',
  data: z.object({
    message_id: z.uuid(),
    flow_id: z.uuid(),
    account_id: z.uuid(),
    address_id: z.uuid(),
    attempts: z.int().positive().describe('how often it was handed to the mail server'),
  }),
  key: (data) => data.account_id,
  audit: (data) => ({
    action: 'mail.send',
    target: { kind: 'email-address', id: data.address_id },
    outcome: 'success',
  }),
  examples: [
    {
      message_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a05',
      flow_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a03',
      account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      address_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a02',
      attempts: 1,
    },
  ],
});
