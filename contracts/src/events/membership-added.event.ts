import { z } from 'zod';
import { raisedEpochs } from '../authorization-model.ts';
import { defineEvent } from '../define-event.ts';
import { organizations } from '../topics.ts';

/** A user belongs to an organisation from now on. */
export const membershipAdded = defineEvent({
  type: 'membership.added',
  version: 1,
  topic: organizations,
  summary: 'A membership was added.',
  data: z.object({
    organization_id: z.uuid(),
    user_id: z.string(),
    expires_at: z.iso.datetime().nullable().describe("from then on the user's grants here do not count"),
    epochs: raisedEpochs,
  }),
  key: (data) => data.organization_id,
  audit: (data) => ({
    action: 'membership.add',
    target: { kind: 'user', id: data.user_id },
    outcome: 'success',
    organization_id: data.organization_id,
  }),
  examples: [
    {
      organization_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b01',
      user_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      expires_at: null,
      epochs: { subject: 2 },
    },
  ],
});
