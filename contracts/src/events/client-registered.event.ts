import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { clientData, clientExample } from '../event-data/client.ts';
import { clients } from '../topics.ts';

/** There is a new client. */
export const clientRegistered = defineEvent({
  type: 'client.registered',
  version: 1,
  topic: clients,
  summary: 'A client was registered.',
  data: clientData.extend({
    registered_by: z
      .enum(['seed', 'administrator', 'initial_access_token', 'anyone'])
      .describe('`anyone`: by open registration'),
    initial_access_token_id: z.uuid().nullable(),
  }),
  key: (data) => data.client_id,
  audit: (data) => ({
    action: 'client.register',
    target: { kind: 'client', id: data.client_id },
    outcome: 'success',
    reason: data.registered_by,
  }),
  examples: [{ ...clientExample, registered_by: 'administrator', initial_access_token_id: null }],
});
