import { defineEvent } from '../define-event.ts';
import { clientSecretData, clientSecretExample } from '../event-data/client.ts';
import { clients } from '../topics.ts';

/** A secret of a client counts no longer. */
export const clientSecretRemoved = defineEvent({
  type: 'client-secret.removed',
  version: 1,
  topic: clients,
  summary: 'A client lost a secret.',
  data: clientSecretData,
  key: (data) => data.client_id,
  audit: (data) => ({
    action: 'client-secret.remove',
    target: { kind: 'client', id: data.client_id },
    outcome: 'success',
  }),
  examples: [clientSecretExample],
});
