import { z } from 'zod';
import { effect, permissionPattern, raisedEpochs, subject } from '../authorization-model.ts';
import { defineEvent } from '../define-event.ts';
import { organizations } from '../topics.ts';

/** A subject was given a role or a permission in an organisation, or denied it. */
export const grantAdded = defineEvent({
  type: 'grant.added',
  version: 1,
  topic: organizations,
  summary: 'A grant was added.',
  data: z.object({
    organization_id: z.uuid(),
    grant_id: z.uuid(),
    subject,
    role_id: z.uuid().nullable().describe('null where a single permission is granted'),
    permission: permissionPattern.nullable().describe('null where a role is granted'),
    effect,
    not_before: z.iso.datetime().nullable(),
    expires_at: z.iso.datetime().nullable(),
    epochs: raisedEpochs,
  }),
  key: (data) => data.organization_id,
  audit: (data) => ({
    action: 'grant.add',
    target: { kind: data.subject.type, id: data.subject.id },
    outcome: 'success',
    reason: data.role_id ?? data.permission ?? undefined,
    organization_id: data.organization_id,
  }),
  examples: [
    {
      organization_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b01',
      grant_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b03',
      subject: { type: 'user', id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01' },
      role_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b02',
      permission: null,
      effect: 'allow',
      not_before: null,
      expires_at: '2027-01-01T00:00:00Z',
      epochs: { subject: 3 },
    },
  ],
});
