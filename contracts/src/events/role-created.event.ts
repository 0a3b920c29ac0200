import { defineEvent } from '../define-event.ts';
import { roleData, roleExample } from '../event-data/role.ts';
import { organizations } from '../topics.ts';

/** A role exists; nobody holds it yet. */
export const roleCreated = defineEvent({
  type: 'role.created',
  version: 1,
  topic: organizations,
  summary: 'A role was created.',
  data: roleData,
  key: (data) => data.organization_id,
  audit: (data) => ({
    action: 'role.create',
    target: { kind: 'role', id: data.role_id },
    outcome: 'success',
    organization_id: data.organization_id,
  }),
  examples: [roleExample],
});
