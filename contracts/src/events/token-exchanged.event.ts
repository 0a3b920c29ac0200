import { z } from 'zod';
import { defineFact } from '../define-event.ts';
import { tokens } from '../topics.ts';

/** A client exchanged an access token for another one (RFC 8693). */
export const tokenExchanged = defineFact({
  type: 'token.exchanged',
  version: 1,
  topic: tokens,
  summary: 'A client exchanged an access token for another one.',
  data: z.object({
    jti: z.uuid().describe('of the new token'),
    subject: z.object({ kind: z.enum(['account', 'client']), id: z.string() }).describe('whom both tokens are about'),
    client_id: z.string().describe('the client that holds the new token'),
    actor_id: z.string().nullable().describe('who acts for the subject; null where nobody else is visible'),
    subject_jti: z.string().describe('of the token that was exchanged'),
    grant_id: z.uuid().nullable(),
    scope: z.array(z.string()),
    audience: z.array(z.string()),
    expires_at: z.iso.datetime(),
  }),
  audit: (data) => ({ action: 'token.exchange', target: data.subject, outcome: 'success', reason: data.jti }),
  examples: [
    {
      jti: '0198f0c2-7a52-7c3e-9a60-0d6f4d1b2a16',
      subject: { kind: 'account', id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01' },
      client_id: 'orders',
      actor_id: 'orders',
      subject_jti: '0198f0c2-7a52-7c3e-9a60-0d6f4d1b2a06',
      grant_id: '0198f0c2-7a52-7c3e-9a60-0d6f4d1b2a02',
      scope: ['invoices:read'],
      audience: ['https://billing.example.com'],
      expires_at: '2026-01-01T00:10:00Z',
    },
  ],
});
