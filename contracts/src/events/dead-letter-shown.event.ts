import { defineFact } from '../define-event.ts';
import { deadLetterData, deadLetterExample } from '../event-data/dead-letter.ts';
import { operations } from '../topics.ts';

/** An operator looked at one parked message, its content included. */
export const deadLetterShown = defineFact({
  type: 'dead-letter.shown',
  version: 1,
  topic: operations,
  summary: 'An operator looked at a parked message with its content.',
  data: deadLetterData,
  audit: (data) => ({
    action: 'dead-letter.show',
    target: { kind: 'dead-letter', id: data.dead_letter_id },
    outcome: 'success',
    reason: data.error_class,
  }),
  examples: [deadLetterExample],
});
