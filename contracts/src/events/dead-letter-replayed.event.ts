import { z } from 'zod';
import { defineFact } from '../define-event.ts';
import { operations } from '../topics.ts';

/** An operator released a key: its parked messages are handled again, in order, before newer ones. */
export const deadLetterReplayed = defineFact({
  type: 'dead-letter.replayed',
  version: 1,
  topic: operations,
  summary: 'An operator had the parked messages of a key handled again.',
  data: z.object({
    topic: z.string().describe('where the messages came from'),
    key: z.string(),
    dead_letter_id: z.string().describe('the first of them'),
    messages: z.number().int().positive().describe('how many wait under the key, those behind the first included'),
  }),
  audit: (data) => ({
    action: 'dead-letter.replay',
    target: { kind: 'dead-letter', id: data.dead_letter_id },
    outcome: 'success',
  }),
  examples: [
    {
      topic: 'email-verification.verifications',
      key: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
      dead_letter_id: '17',
      messages: 3,
    },
  ],
});
