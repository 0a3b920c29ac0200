import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { personal } from '../personal.ts';
import { emailCommands } from '../topics.ts';

/** Start a mail flow. The token service makes the flow id, so that the caller knows it before the mail service does. */
export const emailFlowRequested = defineEvent({
  type: 'email-flow.requested',
  version: 1,
  topic: emailCommands,
  summary: 'Start a mail flow for one address.',
  data: z.object({
    flow_id: z.uuid(),
    purpose: z
      .enum(['registration', 'already-registered'])
      .describe('already-registered: tell the owner of a known address; carries no credential'),
    account_id: z.uuid().describe('the account that the address belongs to'),
    address_id: z.uuid(),
    email: personal(z.email().max(254), 'account_id'),
    locale: z.string().max(35).nullable().describe('BCP 47 tag of the wished language'),
  }),
  key: (data) => data.account_id,
  examples: [
    {
      flow_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a03',
      purpose: 'registration',
      account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      address_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a02',
      email: 'ada@example.com',
      locale: 'en',
    },
  ],
});
