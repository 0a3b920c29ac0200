import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { tokens } from '../topics.ts';

/** A device asked for codes, by which a person may let it in elsewhere (RFC 8628). */
export const deviceAuthorizationRequested = defineEvent({
  type: 'device-authorization.requested',
  version: 1,
  topic: tokens,
  summary: 'A device asked for codes.',
  data: z.object({
    grant_id: z.uuid().describe('of the grant that it may become'),
    client_id: z.string(),
    scope: z.array(z.string()),
    expires_at: z.iso.datetime(),
  }),
  key: (data) => data.grant_id,
  audit: (data) => ({
    action: 'device-authorization.request',
    target: { kind: 'grant', id: data.grant_id },
    outcome: 'success',
  }),
  examples: [
    {
      grant_id: '0198f0c2-7a52-7c3e-9a60-0d6f4d1b2a04',
      client_id: 'tv',
      scope: ['openid'],
      expires_at: '2026-01-01T00:10:00Z',
    },
  ],
});
