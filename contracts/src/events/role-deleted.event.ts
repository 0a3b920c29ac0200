import { z } from 'zod';
import { raisedEpochs } from '../authorization-model.ts';
import { defineEvent } from '../define-event.ts';
import { organizations } from '../topics.ts';

/** A role is gone. It had no holder: a role that is still granted cannot be deleted. */
export const roleDeleted = defineEvent({
  type: 'role.deleted',
  version: 1,
  topic: organizations,
  summary: 'A role was deleted.',
  data: z.object({ organization_id: z.uuid(), role_id: z.uuid(), epochs: raisedEpochs }),
  key: (data) => data.organization_id,
  audit: (data) => ({
    action: 'role.delete',
    target: { kind: 'role', id: data.role_id },
    outcome: 'success',
    organization_id: data.organization_id,
  }),
  examples: [
    {
      organization_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b01',
      role_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b02',
      epochs: { organization: 3 },
    },
  ],
});
