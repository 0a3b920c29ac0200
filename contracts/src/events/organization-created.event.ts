import { z } from 'zod';
import { raisedEpochs, subject } from '../authorization-model.ts';
import { defineEvent } from '../define-event.ts';
import { organizations } from '../topics.ts';

/** An organisation exists. Its first role, membership and grant follow as events of their own. */
export const organizationCreated = defineEvent({
  type: 'organization.created',
  version: 1,
  topic: organizations,
  summary: 'An organisation was created.',
  data: z.object({
    organization_id: z.uuid(),
    name: z.string(),
    administrator: subject.describe('who was given the administrator role'),
    epochs: raisedEpochs,
  }),
  key: (data) => data.organization_id,
  audit: (data) => ({
    action: 'organization.create',
    target: { kind: 'organization', id: data.organization_id },
    outcome: 'success',
    organization_id: data.organization_id,
  }),
  examples: [
    {
      organization_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b01',
      name: 'Analytical Engines',
      administrator: { type: 'user', id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01' },
      epochs: { organization: 1, subject: 1 },
    },
  ],
});
