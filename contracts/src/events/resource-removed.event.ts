import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { resources } from '../topics.ts';

/** No tokens are issued for a service any more. */
export const resourceRemoved = defineEvent({
  type: 'resource.removed',
  version: 1,
  topic: resources,
  summary: 'No tokens are issued for a service any more.',
  data: z.object({ name: z.string(), url: z.string() }),
  key: (data) => data.name,
  audit: (data) => ({
    action: 'resource.remove',
    target: { kind: 'resource', id: data.name },
    outcome: 'success',
    reason: data.url,
  }),
  examples: [{ name: 'payments', url: 'https://payments.example.com' }],
});
