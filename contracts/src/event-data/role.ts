import { z } from 'zod';
import { permissionPattern, raisedEpochs } from '../authorization-model.ts';

/** What the events about a role say while it is there: the whole of it. */
export const roleData = z.object({
  organization_id: z.uuid(),
  role_id: z.uuid(),
  name: z.string(),
  permissions: z.array(permissionPattern),
  epochs: raisedEpochs,
});

export const roleExample: z.output<typeof roleData> = {
  organization_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b01',
  role_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b02',
  name: 'Auditor',
  permissions: ['audit:read', 'invoice:*'],
  epochs: { organization: 2 },
};
