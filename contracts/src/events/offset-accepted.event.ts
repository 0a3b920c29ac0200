import { z } from 'zod';
import { defineFact } from '../define-event.ts';
import { operations } from '../topics.ts';

/** An operator decided where a consumer goes on whose position was lost or out of range. */
export const offsetAccepted = defineFact({
  type: 'offset.accepted',
  version: 1,
  topic: operations,
  summary: 'An operator decided where a consumer with a lost position goes on.',
  data: z.object({
    topic: z.string(),
    partition: z.number().int().nonnegative(),
    from: z.string().nullable().describe('the position before, a 64-bit integer; null where there was none'),
    to: z.string().describe('the first offset that will be read, a 64-bit integer'),
  }),
  audit: (data) => ({
    action: 'offset.accept',
    target: { kind: 'partition', id: `${data.topic}/${data.partition}` },
    outcome: 'success',
    reason: `${data.from ?? 'none'} to ${data.to}`,
  }),
  examples: [{ topic: 'email-verification.verifications', partition: 3, from: '1042', to: '1100' }],
});
