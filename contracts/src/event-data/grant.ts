import { z } from 'zod';
import { effect, permissionPattern, raisedEpochs, subject } from '../authorization-model.ts';

/** What every event about a grant says: the whole of it, also when it is gone. */
export const grantData = z.object({
  organization_id: z.uuid(),
  grant_id: z.uuid(),
  subject,
  role_id: z.uuid().nullable().describe('null where a single permission is granted'),
  permission: permissionPattern.nullable().describe('null where a role is granted'),
  effect,
  not_before: z.iso.datetime().nullable(),
  expires_at: z.iso.datetime().nullable(),
  epochs: raisedEpochs,
});

export const grantExample: z.output<typeof grantData> = {
  organization_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b01',
  grant_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b03',
  subject: { type: 'user', id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01' },
  role_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b02',
  permission: null,
  effect: 'allow',
  not_before: null,
  expires_at: '2027-01-01T00:00:00Z',
  epochs: { subject: 3 },
};
