import { z } from 'zod';
import { auditEntry, auditEntryExample, auditLogId, auditOutcome } from '../../audit-entry.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { instant, text, uuid } from '../../input-values.ts';
import { auditRead, auditReadAll } from '../../permissions.ts';

const identifier = text(200).min(1).optional();

/**
 * Searches the log of one organisation (`org_id`, with `audit:read` there), or every log (without it, with
 * `audit:read-all`). Filters are joined by AND and match exactly. The search itself becomes one entry.
 */
export const listEntries = defineEndpoint({
  id: 'audit-log.list-entries',
  service: 'audit-log',
  method: 'GET',
  path: '/api/v1/audit/entries',
  access: { permission: auditRead, organization: 'org_id', platformPermission: auditReadAll },
  summary: 'Search audit entries.',
  input: {
    query: z.strictObject({
      org_id: uuid.optional().describe('the organisation whose log is read; without it every log is'),
      log: auditLogId.optional(),
      actor_id: identifier,
      target_kind: identifier,
      target_id: identifier,
      action: identifier,
      outcome: auditOutcome.optional(),
      event_type: identifier,
      trace_id: z
        .string()
        .regex(/^[0-9a-f]{32}$/)
        .optional(),
      request_id: identifier,
      recorded_from: instant.optional().describe('inclusive'),
      recorded_before: instant.optional().describe('exclusive'),
      order: z.enum(['desc', 'asc']).default('desc').describe('by the time of recording'),
      cursor: text(300).optional().describe('`next_cursor` of the page before, with the same filters'),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
  },
  success: {
    status: 200,
    body: z.object({
      entries: z.array(z.object({ entry: auditEntry, leaf_hash: z.base64url() })),
      next_cursor: z.string().nullable().describe('null on the last page'),
    }),
    example: {
      entries: [{ entry: auditEntryExample, leaf_hash: 'rCUaJmPGdEsT_2zGA5b29bfmrvn0AWc7Yh1nSHmPPoQ' }],
      next_cursor: null,
    },
  },
  errors: [],
});
