import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { accounts } from '../topics.ts';

/** An account no longer allows a client anything; the client's grants of the account are revoked with it. */
export const consentRevoked = defineEvent({
  type: 'consent.revoked',
  version: 1,
  topic: accounts,
  summary: 'An account took back what it had allowed a client.',
  data: z.object({ account_id: z.uuid(), client_id: z.string() }),
  key: (data) => data.account_id,
  audit: (data) => ({ action: 'consent.revoke', target: { kind: 'client', id: data.client_id }, outcome: 'success' }),
  examples: [{ account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01', client_id: 'demo' }],
});
