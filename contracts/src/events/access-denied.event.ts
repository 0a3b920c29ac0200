import { z } from 'zod';
import { defineFact } from '../define-event.ts';
import { denials } from '../topics.ts';

/**
 * An authenticated caller was refused for want of a permission: 403, or 404 where it may not know that the thing exists. Only a
 * denial of somebody who belongs to the organisation is part of its log: else anybody could write there, or make up logs.
 */
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
    belongs: z
      .boolean()
      .optional()
      .describe('whether the subject is a member or holds a grant there; without it the platform log has the entry'),
    subject_id: z.string().describe('the account or client that asked'),
  }),
  audit: (data) => ({
    action: 'access.request',
    target: { kind: 'endpoint', id: data.endpoint },
    outcome: 'denied',
    reason: data.permission,
    organization_id: data.belongs === true ? (data.organization_id ?? undefined) : undefined,
  }),
  examples: [
    {
      endpoint: 'audit-log.list-entries',
      permission: 'audit:read',
      organization_id: '0198f0c5-7a52-7c3e-9a60-0d6f4d1b2a07',
      belongs: true,
      subject_id: 'demo',
    },
    {
      endpoint: 'audit-log.list-entries',
      permission: 'audit:read-all',
      organization_id: null,
      belongs: false,
      subject_id: 'demo',
    },
  ],
});
