import { z } from 'zod';
import { raisedEpochs } from '../authorization-model.ts';
import { defineEvent } from '../define-event.ts';
import { organizations } from '../topics.ts';

/** A user no longer belongs to an organisation. The grants that it held there are removed with events of their own. */
export const membershipRemoved = defineEvent({
  type: 'membership.removed',
  version: 1,
  topic: organizations,
  summary: 'A membership was removed.',
  data: z.object({
    organization_id: z.uuid(),
    user_id: z.string(),
    epochs: raisedEpochs,
  }),
  key: (data) => data.organization_id,
  audit: (data) => ({
    action: 'membership.remove',
    target: { kind: 'user', id: data.user_id },
    outcome: 'success',
    organization_id: data.organization_id,
  }),
  examples: [
    {
      organization_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b01',
      user_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      epochs: { subject: 2 },
    },
  ],
});
