import { z } from 'zod';
import { defineFact } from '../define-event.ts';
import { personal } from '../personal.ts';
import { denials } from '../topics.ts';

/** Refusals that anyone can cause (400, 404 of what is missing, 429, anonymous 401), counted per source and minute so that nobody can fill a disk. */
export const requestsRefused = defineFact({
  type: 'requests.refused',
  version: 1,
  topic: denials,
  summary: 'Refused requests of one source in one minute, counted.',
  data: z.object({
    source: personal(z.string(), 'source').describe('client address'),
    window_start: z.iso.datetime(),
    counts: z.record(z.string(), z.number().int().positive()).describe('refusals by problem code'),
  }),
  audit: (data) => ({
    action: 'request.refuse',
    target: { kind: 'source', id: 'aggregated' },
    outcome: 'denied',
    reason: Object.keys(data.counts).sort().join(' '),
  }),
  examples: [{ source: '192.0.2.7', window_start: '2026-01-01T00:00:00Z', counts: { unauthenticated: 12 } }],
});
