import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { emailVerifications } from '../topics.ts';

/** A mail was put into the send queue: because a flow began, or because its owner asked for another one. */
export const mailQueued = defineEvent({
  type: 'mail.queued',
  version: 1,
  topic: emailVerifications,
  summary: 'A mail was put into the send queue.',
  data: z.object({
    message_id: z.uuid(),
    flow_id: z.uuid(),
    account_id: z.uuid(),
    address_id: z.uuid(),
    purpose: z.string().describe('the purpose of the flow, e.g. registration'),
    cause: z.enum(['flow_requested', 'resend']),
  }),
  key: (data) => data.account_id,
  audit: (data) => ({
    action: 'mail.queue',
    target: { kind: 'email-address', id: data.address_id },
    outcome: 'success',
    reason: data.cause,
  }),
  examples: [
    {
      message_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a05',
      flow_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a03',
      account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      address_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a02',
      purpose: 'registration',
      cause: 'flow_requested',
    },
  ],
});
