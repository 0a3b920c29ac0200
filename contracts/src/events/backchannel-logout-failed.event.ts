import { z } from 'zod';
import { defineFact } from '../define-event.ts';
import { accounts } from '../topics.ts';

/** A client could not be told that a session has ended, and will not be any more. */
export const backchannelLogoutFailed = defineFact({
  type: 'backchannel-logout.failed',
  version: 1,
  topic: accounts,
  summary: 'A client could not be told of a logout.',
  data: z.object({
    delivery_id: z.uuid(),
    account_id: z.uuid(),
    session_id: z.uuid(),
    client_id: z.string(),
    attempts: z.int().positive(),
    reason: z
      .enum(['refused', 'unreachable', 'forbidden', 'unregistered'])
      .describe(
        'of the last attempt; forbidden: nothing may be sent to its address; unregistered: it has no address any more',
      ),
    status: z.int().nullable().describe('of the last answer; null where there was none'),
  }),
  audit: (data) => ({
    action: 'logout.notify',
    target: { kind: 'client', id: data.client_id },
    outcome: 'failure',
    reason: data.reason,
  }),
  examples: [
    {
      delivery_id: '0198f0c3-7a52-7c3e-9a60-0d6f4d1b2a08',
      account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      session_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a05',
      client_id: 'demo',
      attempts: 1,
      reason: 'refused',
      status: 503,
    },
  ],
});
