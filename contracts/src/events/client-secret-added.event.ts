import { defineEvent } from '../define-event.ts';
import { clientSecretData, clientSecretExample } from '../event-data/client.ts';
import { clients } from '../topics.ts';

/** A client has a further secret. */
export const clientSecretAdded = defineEvent({
  type: 'client-secret.added',
  version: 1,
  topic: clients,
  summary: 'A client got a secret.',
  data: clientSecretData,
  key: (data) => data.client_id,
  audit: (data) => ({
    action: 'client-secret.add',
    target: { kind: 'client', id: data.client_id },
    outcome: 'success',
  }),
  examples: [clientSecretExample],
});
