import { z } from 'zod';
import { defineFact } from '../define-event.ts';
import { tokens } from '../topics.ts';

/** Credentials were presented for a client and did not prove it. A request without any is only counted. */
export const clientRefused = defineFact({
  type: 'client.refused',
  version: 1,
  topic: tokens,
  summary: 'A client could not prove who it is.',
  data: z.object({
    client_id: z.string().max(200).describe('as presented'),
    reason: z
      .enum(['unknown_client', 'wrong_secret', 'wrong_assertion'])
      .describe('wrong_assertion also stands for a certificate (RFC 8705) that is not the one of the client'),
  }),
  audit: (data) => ({
    action: 'client.authenticate',
    target: { kind: 'client', id: data.client_id },
    outcome: 'failure',
    reason: data.reason,
  }),
  examples: [{ client_id: 'demo', reason: 'wrong_secret' }],
});
