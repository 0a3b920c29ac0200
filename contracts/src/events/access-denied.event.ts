import { z } from 'zod';
import { defineFact } from '../define-event.ts';
import { denials } from '../topics.ts';

/** An authenticated caller was refused for want of a permission: 403, or 404 where it may not know that the thing exists. */
export const accessDenied = defineFact({
  type: 'access.denied',
  version: 1,
  topic: denials,
  summary: 'An authenticated caller was refused for want of a permission.',
  data: z.object({
    endpoint: z.string().describe('id of the endpoint, e.g. audit-log.list-entries'),
    permission: z.string(),
    organization_id: z
      .string()
      .nullable()
      .describe('the organisation in which the permission was asked; null for the platform'),
    subject_id: z.string().describe('the account or client that asked'),
  }),
  audit: (data) => ({
    action: 'access.request',
    target: { kind: 'endpoint', id: data.endpoint },
    outcome: 'denied',
    reason: data.permission,
    organization_id: data.organization_id ?? undefined,
  }),
  examples: [
    { endpoint: 'audit-log.list-entries', permission: 'audit:read', organization_id: null, subject_id: 'demo' },
  ],
});
