import { z } from 'zod';
import { defineFact } from '../define-event.ts';
import { accounts } from '../topics.ts';

/** A client was told that a session has ended, and took it. */
export const backchannelLogoutDelivered = defineFact({
  type: 'backchannel-logout.delivered',
  version: 1,
  topic: accounts,
  summary: 'A client took the notice of a logout.',
  data: z.object({
    delivery_id: z.uuid(),
    account_id: z.uuid(),
    session_id: z.uuid(),
    client_id: z.string(),
    attempts: z.int().positive(),
  }),
  audit: (data) => ({
    action: 'logout.notify',
    target: { kind: 'client', id: data.client_id },
    outcome: 'success',
  }),
  examples: [
    {
      delivery_id: '0198f0c3-7a52-7c3e-9a60-0d6f4d1b2a08',
      account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      session_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a05',
      client_id: 'demo',
      attempts: 1,
    },
  ],
});
