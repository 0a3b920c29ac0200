import { z } from 'zod';
import { raisedEpochs } from '../authorization-model.ts';
import { defineEvent } from '../define-event.ts';
import { organizations } from '../topics.ts';

/** An organisation is gone, and with it all that it held: no further event tells of its roles, memberships and grants. */
export const organizationDeleted = defineEvent({
  type: 'organization.deleted',
  version: 1,
  topic: organizations,
  summary: 'An organisation was deleted with its roles, memberships and grants.',
  data: z.object({
    organization_id: z.uuid(),
    roles_deleted: z.int().nonnegative(),
    memberships_removed: z.int().nonnegative(),
    grants_removed: z.int().nonnegative(),
    epochs: raisedEpochs,
  }),
  key: (data) => data.organization_id,
  audit: (data) => ({
    action: 'organization.delete',
    target: { kind: 'organization', id: data.organization_id },
    outcome: 'success',
    organization_id: data.organization_id,
  }),
  examples: [
    {
      organization_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b01',
      roles_deleted: 2,
      memberships_removed: 5,
      grants_removed: 7,
      epochs: { organization: 9 },
    },
  ],
});
