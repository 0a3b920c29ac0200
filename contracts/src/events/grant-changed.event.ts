import { defineEvent } from '../define-event.ts';
import { grantData, grantExample } from '../event-data/grant.ts';
import { organizations } from '../topics.ts';

/** A grant got another beginning or end. */
export const grantChanged = defineEvent({
  type: 'grant.changed',
  version: 1,
  topic: organizations,
  summary: 'A grant was changed.',
  data: grantData,
  key: (data) => data.organization_id,
  audit: (data) => ({
    action: 'grant.change',
    target: { kind: data.subject.type, id: data.subject.id },
    outcome: 'success',
    reason: data.role_id ?? data.permission ?? undefined,
    organization_id: data.organization_id,
  }),
  examples: [grantExample],
});
