import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { organizations } from '../topics.ts';

/** An organisation's own attributes changed; nobody's permissions did. */
export const organizationChanged = defineEvent({
  type: 'organization.changed',
  version: 1,
  topic: organizations,
  summary: 'An organisation was changed.',
  data: z.object({ organization_id: z.uuid(), name: z.string() }),
  key: (data) => data.organization_id,
  audit: (data) => ({
    action: 'organization.change',
    target: { kind: 'organization', id: data.organization_id },
    outcome: 'success',
    organization_id: data.organization_id,
  }),
  examples: [{ organization_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b01', name: 'Difference Engines' }],
});
