import { defineEvent } from '../define-event.ts';
import { roleData, roleExample } from '../event-data/role.ts';
import { organizations } from '../topics.ts';

/** A role has new attributes or permissions, which every holder has from now on; all of them are told, not the difference. */
export const roleChanged = defineEvent({
  type: 'role.changed',
  version: 1,
  topic: organizations,
  summary: 'A role was changed.',
  data: roleData,
  key: (data) => data.organization_id,
  audit: (data) => ({
    action: 'role.change',
    target: { kind: 'role', id: data.role_id },
    outcome: 'success',
    organization_id: data.organization_id,
  }),
  examples: [roleExample],
});
