import { defineEvent } from '../define-event.ts';
import { membershipData, membershipExample } from '../event-data/membership.ts';
import { organizations } from '../topics.ts';

/** A user belongs to an organisation from now on. */
export const membershipAdded = defineEvent({
  type: 'membership.added',
  version: 1,
  topic: organizations,
  summary: 'A membership was added.',
  data: membershipData,
  key: (data) => data.organization_id,
  audit: (data) => ({
    action: 'membership.add',
    target: { kind: 'user', id: data.user_id },
    outcome: 'success',
    organization_id: data.organization_id,
  }),
  examples: [membershipExample],
});
