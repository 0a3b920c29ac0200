import { z } from 'zod';
import { defineFact } from '../define-event.ts';
import { tokens } from '../topics.ts';

/** A client that proved who it is wanted to exchange a token (RFC 8693) and was refused. */
export const tokenExchangeRefused = defineFact({
  type: 'token-exchange.refused',
  version: 1,
  topic: tokens,
  summary: 'A client wanted to exchange a token and was refused.',
  data: z.object({
    client_id: z.string(),
    error: z.string().describe('the code of RFC 6749 5.2 that it was told'),
    reason: z.string().max(300).describe('the text that it was told; has no token'),
  }),
  audit: (data) => ({
    action: 'token.exchange',
    target: { kind: 'client', id: data.client_id },
    outcome: 'denied',
    reason: data.reason,
  }),
  examples: [{ client_id: 'orders', error: 'invalid_target', reason: 'the client may not exchange tokens for this' }],
});
