import { z } from 'zod';
import { defineFact } from '../define-event.ts';
import { operations } from '../topics.ts';

/** Somebody read audit entries. The entry lands in the log of the organisation whose entries were asked for. */
export const auditEntriesRead = defineFact({
  type: 'audit.read',
  version: 1,
  topic: operations,
  summary: 'Audit entries were read.',
  data: z.object({
    operation: z.enum(['search', 'detail']),
    organization_id: z.uuid().nullable().describe('null: read with the permission for all logs'),
    log: z.string().nullable().describe('null: every log that the caller may read'),
    filters: z.record(z.string(), z.string()),
    results: z.int().nonnegative().describe('how many entries were shown'),
  }),
  audit: (data) => ({
    action: 'audit.read',
    target: { kind: 'audit-log', id: data.log ?? 'all' },
    outcome: 'success',
    reason: data.operation,
    organization_id: data.organization_id ?? undefined,
  }),
  examples: [
    {
      operation: 'search',
      organization_id: '0198f0c5-7a52-7c3e-9a60-0d6f4d1b2a07',
      log: 'org-0198f0c5-7a52-7c3e-9a60-0d6f4d1b2a07',
      filters: { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736' },
      results: 3,
    },
  ],
});
