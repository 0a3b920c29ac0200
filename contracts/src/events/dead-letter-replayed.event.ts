import { z } from 'zod';
import { defineFact } from '../define-event.ts';
import { deadLetterData, deadLetterExample } from '../event-data/dead-letter.ts';
import { operations } from '../topics.ts';

const { topic, key, dead_letter_id } = deadLetterExample;

/** An operator released a key: its parked messages are handled again, in order, before newer ones. */
export const deadLetterReplayed = defineFact({
  type: 'dead-letter.replayed',
  version: 1,
  topic: operations,
  summary: 'An operator had the parked messages of a key handled again.',
  data: z.object({
    topic: z.string().describe('where the messages came from'),
    key: deadLetterData.shape.key,
    dead_letter_id: z.string().describe('the first of them'),
    messages: z.number().int().positive().describe('how many wait under the key, those behind the first included'),
  }),
  audit: (data) => ({
    action: 'dead-letter.replay',
    target: { kind: 'dead-letter', id: data.dead_letter_id },
    outcome: 'success',
  }),
  examples: [{ topic, key, dead_letter_id, messages: 3 }],
});
