import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { sessionChanges } from '../topics.ts';

/** What is remembered of a session is over: it ended, or a new login of its account gave it another cookie. */
export const sessionChanged = defineEvent({
  type: 'session.changed',
  version: 1,
  topic: sessionChanges,
  summary: 'A session ended or has another cookie.',
  data: z.object({ account_id: z.uuid(), session_id: z.uuid() }),
  key: (data) => data.account_id,
  examples: [
    { account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01', session_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a05' },
  ],
});
