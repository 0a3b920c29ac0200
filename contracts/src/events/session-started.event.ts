import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { accounts } from '../topics.ts';

/** An account logged in. */
export const sessionStarted = defineEvent({
  type: 'session.started',
  version: 1,
  topic: accounts,
  summary: 'An account logged in; a session of its browser began.',
  data: z.object({
    account_id: z.uuid(),
    session_id: z.uuid(),
    client_id: z.string().describe('the client that asked for the login'),
    method: z.enum(['password']).describe('how the person proved who they are'),
    expires_at: z.iso.datetime(),
  }),
  key: (data) => data.account_id,
  audit: (data) => ({
    action: 'account.login',
    target: { kind: 'account', id: data.account_id },
    outcome: 'success',
    reason: data.method,
  }),
  examples: [
    {
      account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      session_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a05',
      client_id: 'demo',
      method: 'password',
      expires_at: '2026-01-01T12:00:00Z',
    },
  ],
});
