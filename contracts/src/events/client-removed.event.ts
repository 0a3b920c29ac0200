import { defineEvent } from '../define-event.ts';
import { clientOnly, clientOnlyExample } from '../event-data/client.ts';
import { clients } from '../topics.ts';

/** A client is gone, with all that it held. */
export const clientRemoved = defineEvent({
  type: 'client.removed',
  version: 1,
  topic: clients,
  summary: 'A client was removed.',
  data: clientOnly,
  key: (data) => data.client_id,
  audit: (data) => ({ action: 'client.remove', target: { kind: 'client', id: data.client_id }, outcome: 'success' }),
  examples: [clientOnlyExample],
});
