import { defineEvent } from '../define-event.ts';
import { resourceData, resourceDataExample } from '../token-resource.ts';
import { resources } from '../topics.ts';

/** A resource was changed; all of it is told. */
export const resourceChanged = defineEvent({
  type: 'resource.changed',
  version: 1,
  topic: resources,
  summary: 'A resource was changed; all of it is told.',
  data: resourceData,
  key: (data) => data.name,
  audit: (data) => ({
    action: 'resource.change',
    target: { kind: 'resource', id: data.name },
    outcome: 'success',
    reason: data.url,
  }),
  examples: [resourceDataExample],
});
