import { defineEvent } from '../define-event.ts';
import { clientOnly, clientOnlyExample } from '../event-data/client.ts';
import { clients } from '../topics.ts';

/** A disabled client is accepted again. */
export const clientEnabled = defineEvent({
  type: 'client.enabled',
  version: 1,
  topic: clients,
  summary: 'A client was enabled.',
  data: clientOnly,
  key: (data) => data.client_id,
  audit: (data) => ({ action: 'client.enable', target: { kind: 'client', id: data.client_id }, outcome: 'success' }),
  examples: [clientOnlyExample],
});
