import { z } from 'zod';
import { defineFact } from '../define-event.ts';
import { accounts } from '../topics.ts';

/** An administrator has a client told after all that a session has ended. */
export const backchannelLogoutRequeued = defineFact({
  type: 'backchannel-logout.requeued',
  version: 1,
  topic: accounts,
  summary: 'The notice of a logout that could not be delivered is tried again.',
  data: z.object({
    delivery_id: z.uuid(),
    account_id: z.uuid(),
    session_id: z.uuid(),
    client_id: z.string(),
    attempts: z.int().positive().describe('that had failed'),
  }),
  audit: (data) => ({
    action: 'logout.requeue',
    target: { kind: 'client', id: data.client_id },
    outcome: 'success',
  }),
  examples: [
    {
      delivery_id: '0198f0c3-7a52-7c3e-9a60-0d6f4d1b2a08',
      account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      session_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a05',
      client_id: 'demo',
      attempts: 16,
    },
  ],
});
