import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { tokenRevocations } from '../topics.ts';

/** Tokens stopped being valid before their expiry: one, a grant's, a session's, a client's, a key's or a subject's. */
export const tokenRevoked = defineEvent({
  type: 'token.revoked',
  version: 1,
  topic: tokenRevocations,
  summary: 'Tokens stopped being valid before their expiry.',
  data: z.object({
    scope: z.enum(['jti', 'grant', 'session', 'client', 'key', 'subject']).describe('what is revoked'),
    id: z.string().max(200).describe('the id of that jti, grant, ...'),
    client_id: z.string().describe('empty for a key, which signed the tokens of many'),
    account_id: z.uuid().nullable(),
    reason: z.enum(['requested', 'reuse_detected', 'logout', 'password_changed', 'disabled']),
    revoked_at: z.iso.datetime().describe('tokens issued at or before this instant are refused'),
    expires_at: z.iso.datetime().describe('after this instant the revocation may be forgotten'),
    version: z
      .int()
      .positive()
      .optional()
      .describe('of a client or subject: tokens that carry a lower version are refused, whenever they were issued'),
    number: z
      .int()
      .positive()
      .optional()
      .describe('revocations are numbered without gaps, in the order of their commits'),
  }),
  key: (data) => `${data.scope}:${data.id}`,
  audit: (data) => ({
    action: 'token.revoke',
    target: { kind: data.scope, id: data.id },
    outcome: 'success',
    reason: data.reason,
  }),
  examples: [
    {
      scope: 'grant',
      id: '0198f0c2-7a52-7c3e-9a60-0d6f4d1b2a04',
      client_id: 'demo',
      account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      reason: 'requested',
      revoked_at: '2026-01-01T00:00:00Z',
      expires_at: '2026-01-01T00:10:00Z',
    },
  ],
});
