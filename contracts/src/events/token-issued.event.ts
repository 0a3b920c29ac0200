import { z } from 'zod';
import { defineFact } from '../define-event.ts';
import { tokens } from '../topics.ts';

/** A client received an access token for itself (client credentials). */
export const tokenIssued = defineFact({
  type: 'token.issued',
  version: 1,
  topic: tokens,
  summary: 'A client received an access token for itself.',
  data: z.object({
    jti: z.uuid(),
    client_id: z.string(),
    scope: z.array(z.string()),
    audience: z.array(z.string()),
    expires_at: z.iso.datetime(),
  }),
  audit: (data) => ({ action: 'token.issue', target: { kind: 'jti', id: data.jti }, outcome: 'success' }),
  examples: [
    {
      jti: '0198f0c2-7a52-7c3e-9a60-0d6f4d1b2a06',
      client_id: 'audit-log',
      scope: [],
      audience: ['http://127.0.0.1:4002'],
      expires_at: '2026-01-01T00:10:00Z',
    },
  ],
});
