import { defineFact } from '../define-event.ts';
import { deadLetterData, deadLetterExample } from '../event-data/dead-letter.ts';
import { operations } from '../topics.ts';

/** An operator gave a parked message up: it will never be handled. */
export const deadLetterDiscarded = defineFact({
  type: 'dead-letter.discarded',
  version: 1,
  topic: operations,
  summary: 'An operator gave a parked message up.',
  data: deadLetterData,
  audit: (data) => ({
    action: 'dead-letter.discard',
    target: { kind: 'dead-letter', id: data.dead_letter_id },
    outcome: 'success',
    reason: data.error_class,
  }),
  examples: [deadLetterExample],
});
