import { defineEvent } from '../define-event.ts';
import { clientOnly, clientOnlyExample } from '../event-data/client.ts';
import { clients } from '../topics.ts';

/** A client is refused until it is enabled again, and its access tokens are revoked. */
export const clientDisabled = defineEvent({
  type: 'client.disabled',
  version: 1,
  topic: clients,
  summary: 'A client was disabled.',
  data: clientOnly,
  key: (data) => data.client_id,
  audit: (data) => ({ action: 'client.disable', target: { kind: 'client', id: data.client_id }, outcome: 'success' }),
  examples: [clientOnlyExample],
});
