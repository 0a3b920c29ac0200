import { defineEvent } from '../define-event.ts';
import { membershipData, membershipExample } from '../event-data/membership.ts';
import { organizations } from '../topics.ts';

/** A membership got another end. */
export const membershipChanged = defineEvent({
  type: 'membership.changed',
  version: 1,
  topic: organizations,
  summary: 'A membership was changed.',
  data: membershipData,
  key: (data) => data.organization_id,
  audit: (data) => ({
    action: 'membership.change',
    target: { kind: 'user', id: data.user_id },
    outcome: 'success',
    organization_id: data.organization_id,
  }),
  examples: [membershipExample],
});
