import { z } from 'zod';
import { defineFact } from '../define-event.ts';
import { tokens } from '../topics.ts';

/** A client received an access token for itself (client credentials, or the assertion of a trusted issuer). */
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
    authorization_details_types: z.array(z.string()).optional().describe('of what else was given (RFC 9396)'),
    expires_at: z.iso.datetime(),
    assertion: z
      .object({ issuer: z.string(), subject: z.string() })
      .optional()
      .describe('the workload that its issuer vouched for (RFC 7523 2.1); without it the client proved who it is'),
  }),
  audit: (data) => ({
    action: 'token.issue',
    target: { kind: 'jti', id: data.jti },
    outcome: 'success',
    reason: data.assertion && `${data.assertion.issuer} ${data.assertion.subject}`,
  }),
  examples: [
    {
      jti: '0198f0c2-7a52-7c3e-9a60-0d6f4d1b2a06',
      client_id: 'audit-log',
      scope: [],
      audience: ['http://127.0.0.1:4002'],
      expires_at: '2026-01-01T00:10:00Z',
    },
    {
      jti: '0198f0c2-7a52-7c3e-9a60-0d6f4d1b2a18',
      client_id: 'client-0198f0c27a527c3e9a600d6f4d1b2a04',
      scope: ['deployments:write'],
      audience: ['http://127.0.0.1:4002'],
      expires_at: '2026-01-01T00:10:00Z',
      assertion: {
        issuer: 'https://token.actions.githubusercontent.com',
        subject: 'repo:example/engine:ref:refs/heads/main',
      },
    },
  ],
});
