import { z } from 'zod';
import { eventContext } from './event-context.ts';

/** The log of facts that belong to no organisation. */
export const PLATFORM_LOG = 'platform';

/** `platform`, or `org-<organisation id>`. */
export const auditLogId = z.string().regex(/^(platform|org-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/);

/** How the leaf of an entry is built; raised when its bytes would be built differently. */
export const AUDIT_ENCODING = 1;

export const auditOutcome = z.enum(['success', 'failure', 'denied', 'unknown']);

/**
 * One fact of a log: who did what to what, from where, when, how it ended and under which trace. Its canonical JSON
 * (RFC 8785) is the leaf of the log. A personal value stands in `commitments`, under its JSON Pointer (RFC 6901), in
 * place of the field: base64url of SHA-256 over a 32-byte salt and the canonical JSON of `[pointer, value]`.
 */
export const auditEntry = z.object({
  encoding: z.literal(AUDIT_ENCODING),
  log: auditLogId,
  sequence: z.int().min(1).describe('gap-free within the log'),
  recorded: z.iso.datetime().describe('never decreases within the log'),
  occurred: z.iso.datetime().describe("the producer's clock"),
  event: z.object({
    source: z.string(),
    id: z.string().describe('unique with the source'),
    type: z.string(),
    version: z.int(),
    key: z.string(),
    sequence: z.int().nullable().describe('gap-free within the key; null for facts without a state change'),
  }),
  actor: z.object({ kind: eventContext.shape.actor_kind, id: z.string().nullable() }),
  action: z.string(),
  target: z.object({ kind: z.string(), id: z.string() }),
  outcome: auditOutcome.describe('`unknown` where this version of the log does not know the event'),
  reason: z.string().nullable(),
  organization_id: z.string().nullable(),
  origin: z.object({
    service: z.string(),
    ip: z.null().optional().describe('null or, where known, committed'),
    user_agent: z.null().optional().describe('null or, where known, committed'),
  }),
  trace_id: z.string().nullable(),
  request_id: z.string().nullable(),
  data: z.record(z.string(), z.unknown()).optional().describe('absent where it is committed as a whole'),
  commitments: z.record(z.string(), z.string()),
});
export type AuditEntry = z.output<typeof auditEntry>;

/** A committed value with what is needed to recompute its commitment. */
export const disclosedValue = z.object({
  pointer: z.string(),
  subject: z.string().nullable().describe('id of the person whom it concerns, where that is known'),
  salt: z.base64url(),
  value: z.unknown(),
});
export type DisclosedValue = z.output<typeof disclosedValue>;

const example_log = 'org-0198f0c5-7a52-7c3e-9a60-0d6f4d1b2a07';

/** What a refusal looks like in a log. */
export const auditEntryExample = {
  encoding: AUDIT_ENCODING,
  log: example_log,
  sequence: 42,
  recorded: '2026-01-01T00:00:00.250Z',
  occurred: '2026-01-01T00:00:00.000Z',
  event: {
    source: '/gatehouse/authorization',
    id: '0198f0c3-7a52-7c3e-9a60-0d6f4d1b2a05',
    type: 'access.denied',
    version: 1,
    key: '0198f0c3-7a52-7c3e-9a60-0d6f4d1b2a05',
    sequence: null,
  },
  actor: { kind: 'client' as const, id: 'demo' },
  action: 'access.request',
  target: { kind: 'endpoint', id: 'audit-log.list-entries' },
  outcome: 'denied' as const,
  reason: 'audit:read',
  organization_id: '0198f0c5-7a52-7c3e-9a60-0d6f4d1b2a07',
  origin: { service: 'authorization', user_agent: null },
  trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  request_id: '0198f0c4-7a52-7c3e-9a60-0d6f4d1b2a06',
  data: {
    endpoint: 'audit-log.list-entries',
    permission: 'audit:read',
    organization_id: '0198f0c5-7a52-7c3e-9a60-0d6f4d1b2a07',
    belongs: true,
    subject_id: 'demo',
  },
  commitments: { '/origin/ip': 'yC1ZtUe_3Pw6pO5gQMt3VBVmTjmPDCPqFkrWm3nWm1g' },
} satisfies AuditEntry;
