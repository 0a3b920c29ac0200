import { defineEndpoint } from '../../define-endpoint.ts';
import { membershipsWrite } from '../../permissions.ts';
import { ifMatch, membershipPath } from './resources.ts';

/**
 * Removes the member, and with it every grant that the user holds in the organisation.
 */
export const removeMembership = defineEndpoint({
  id: 'authorization.remove-membership',
  service: 'authorization',
  method: 'DELETE',
  path: '/api/v1/organizations/{org_id}/memberships/{user_id}',
  access: { permission: membershipsWrite, organization: 'org_id' },
  summary: 'Remove a member.',
  input: { path: membershipPath, headers: ifMatch },
  success: { status: 204, body: 'none' },
  errors: ['not-found', 'precondition-failed', 'event-backlog-full'],
});
