import { z } from 'zod';
import { defineFact } from '../define-event.ts';
import { operations } from '../topics.ts';

/** An operator looked at a service's parked messages. */
export const deadLetterListed = defineFact({
  type: 'dead-letter.listed',
  version: 1,
  topic: operations,
  summary: "An operator listed a service's parked messages.",
  data: z.object({
    selection: z.record(z.string(), z.string()).describe('what was asked for: id, key, topic, since, until'),
    found: z.number().int().nonnegative().describe('messages that were shown'),
  }),
  audit: (data) => ({
    action: 'dead-letter.list',
    target: { kind: 'dead-letter', id: data.selection['id'] ?? data.selection['key'] ?? 'all' },
    outcome: 'success',
  }),
  examples: [{ selection: { key: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01' }, found: 2 }],
});
