import { defineEvent } from '../define-event.ts';
import { clientData, clientExample } from '../event-data/client.ts';
import { clients } from '../topics.ts';

/** A client has other metadata or another policy from now on; all of it is told, not the difference. */
export const clientChanged = defineEvent({
  type: 'client.changed',
  version: 1,
  topic: clients,
  summary: 'A client was changed.',
  data: clientData,
  key: (data) => data.client_id,
  audit: (data) => ({ action: 'client.change', target: { kind: 'client', id: data.client_id }, outcome: 'success' }),
  examples: [clientExample],
});
