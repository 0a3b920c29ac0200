import { z } from 'zod';
import { raisedEpochs } from '../authorization-model.ts';

/** What the events about a membership say while it lasts. */
export const membershipData = z.object({
  organization_id: z.uuid(),
  user_id: z.string(),
  expires_at: z.iso.datetime().nullable().describe("from then on the user's grants here do not count"),
  epochs: raisedEpochs,
});

export const membershipExample: z.output<typeof membershipData> = {
  organization_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b01',
  user_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
  expires_at: null,
  epochs: { subject: 2 },
};
