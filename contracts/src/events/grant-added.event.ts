import { defineEvent } from '../define-event.ts';
import { grantData, grantExample } from '../event-data/grant.ts';
import { organizations } from '../topics.ts';

/** A subject was given a role or a permission in an organisation, or denied it. */
export const grantAdded = defineEvent({
  type: 'grant.added',
  version: 1,
  topic: organizations,
  summary: 'A grant was added.',
  data: grantData,
  key: (data) => data.organization_id,
  audit: (data) => ({
    action: 'grant.add',
    target: { kind: data.subject.type, id: data.subject.id },
    outcome: 'success',
    reason: data.role_id ?? data.permission ?? undefined,
    organization_id: data.organization_id,
  }),
  examples: [grantExample],
});
