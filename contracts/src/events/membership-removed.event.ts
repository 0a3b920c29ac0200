import { defineEvent } from '../define-event.ts';
import { membershipData, membershipExample } from '../event-data/membership.ts';
import { organizations } from '../topics.ts';

const { expires_at: _, ...example } = membershipExample;

/** A user no longer belongs to an organisation. The grants that it held there are removed with events of their own. */
export const membershipRemoved = defineEvent({
  type: 'membership.removed',
  version: 1,
  topic: organizations,
  summary: 'A membership was removed.',
  data: membershipData.omit({ expires_at: true }),
  key: (data) => data.organization_id,
  audit: (data) => ({
    action: 'membership.remove',
    target: { kind: 'user', id: data.user_id },
    outcome: 'success',
    organization_id: data.organization_id,
  }),
  examples: [example],
});
