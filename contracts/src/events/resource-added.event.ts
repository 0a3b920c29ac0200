import { defineEvent } from '../define-event.ts';
import { resourceData, resourceDataExample } from '../token-resource.ts';
import { resources } from '../topics.ts';

/** Tokens can be issued for a service from now on. */
export const resourceAdded = defineEvent({
  type: 'resource.added',
  version: 1,
  topic: resources,
  summary: 'Tokens can be issued for a service from now on.',
  data: resourceData,
  key: (data) => data.name,
  audit: (data) => ({
    action: 'resource.add',
    target: { kind: 'resource', id: data.name },
    outcome: 'success',
    reason: data.url,
  }),
  examples: [resourceDataExample],
});
