import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { emailVerifications } from '../topics.ts';

/** A mail will not be sent: it was refused for good, or its time was over before a mail server took it; ids only. */
export const mailFailed = defineEvent({
  type: 'mail.failed',
  version: 1,
  topic: emailVerifications,
  summary: 'A mail will not be sent.',
  data: z.object({
    message_id: z.uuid(),
    flow_id: z.uuid(),
    account_id: z.uuid(),
    address_id: z.uuid(),
    attempts: z.int().nonnegative(),
    reason: z.enum(['refused', 'expired']).describe('expired: what the mail would have carried is dead'),
    reply: z.int().nullable().describe('the SMTP reply code of the last refusal (RFC 5321 4.2)'),
  }),
  key: (data) => data.account_id,
  audit: (data) => ({
    action: 'mail.send',
    target: { kind: 'email-address', id: data.address_id },
    outcome: 'failure',
    reason: data.reply === null ? data.reason : `${data.reason} ${data.reply}`,
  }),
  examples: [
    {
      message_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a05',
      flow_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a03',
      account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      address_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a02',
      attempts: 1,
      reason: 'refused',
      reply: 550,
    },
  ],
});
