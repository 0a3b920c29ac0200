import { z } from 'zod';
import { defineFact } from '../define-event.ts';
import { operations } from '../topics.ts';

/** An operator bound a service's outbox to the database cluster as it is now, after a restore for example. */
export const outboxRebased = defineFact({
  type: 'outbox.rebased',
  version: 1,
  topic: operations,
  summary: "An operator bound a service's outbox to its database cluster anew.",
  data: z.object({
    from: z.enum(['retained', 'position']).describe('retained: everything still stored is sent again'),
    rows_to_send: z.number().int().nonnegative(),
    rows_renumbered: z.number().int().nonnegative(),
  }),
  audit: (data) => ({
    action: 'outbox.rebase',
    target: { kind: 'outbox', id: 'outbox' },
    outcome: 'success',
    reason: data.from,
  }),
  examples: [{ from: 'retained', rows_to_send: 120, rows_renumbered: 0 }],
});
