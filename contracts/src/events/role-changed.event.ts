import { z } from 'zod';
import { permissionPattern, raisedEpochs } from '../authorization-model.ts';
import { defineEvent } from '../define-event.ts';
import { organizations } from '../topics.ts';

/** A role has new attributes or permissions, which every holder has from now on; all of them are told, not the difference. */
export const roleChanged = defineEvent({
  type: 'role.changed',
  version: 1,
  topic: organizations,
  summary: 'A role was changed.',
  data: z.object({
    organization_id: z.uuid(),
    role_id: z.uuid(),
    name: z.string(),
    permissions: z.array(permissionPattern),
    epochs: raisedEpochs,
  }),
  key: (data) => data.organization_id,
  audit: (data) => ({
    action: 'role.change',
    target: { kind: 'role', id: data.role_id },
    outcome: 'success',
    organization_id: data.organization_id,
  }),
  examples: [
    {
      organization_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b01',
      role_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b02',
      name: 'Auditor',
      permissions: ['audit:read', 'invoice:*'],
      epochs: { organization: 2 },
    },
  ],
});
