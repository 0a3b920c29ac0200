import { defineEvent } from '../define-event.ts';
import { grantData, grantExample } from '../event-data/grant.ts';
import { organizations } from '../topics.ts';

/** A grant is gone; the event repeats what it gave. */
export const grantRemoved = defineEvent({
  type: 'grant.removed',
  version: 1,
  topic: organizations,
  summary: 'A grant was removed.',
  data: grantData,
  key: (data) => data.organization_id,
  audit: (data) => ({
    action: 'grant.remove',
    target: { kind: data.subject.type, id: data.subject.id },
    outcome: 'success',
    reason: data.role_id ?? data.permission ?? undefined,
    organization_id: data.organization_id,
  }),
  examples: [grantExample],
});
