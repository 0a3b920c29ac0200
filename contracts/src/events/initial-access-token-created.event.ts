import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { clients } from '../topics.ts';

/** Whoever holds this token may register clients (RFC 7591 3). */
export const initialAccessTokenCreated = defineEvent({
  type: 'initial-access-token.created',
  version: 1,
  topic: clients,
  summary: 'A token with which clients can be registered was created.',
  data: z.object({
    initial_access_token_id: z.uuid(),
    uses: z.int().positive().describe('how many clients may be registered with it'),
    expires_at: z.iso.datetime(),
  }),
  key: (data) => data.initial_access_token_id,
  audit: (data) => ({
    action: 'initial-access-token.create',
    target: { kind: 'initial-access-token', id: data.initial_access_token_id },
    outcome: 'success',
  }),
  examples: [
    {
      initial_access_token_id: '0198f0c2-7a52-7c3e-9a60-0d6f4d1b2a07',
      uses: 1,
      expires_at: '2026-01-02T00:00:00Z',
    },
  ],
});
