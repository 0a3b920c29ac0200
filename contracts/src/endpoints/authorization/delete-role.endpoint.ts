import { defineEndpoint } from '../../define-endpoint.ts';
import { rolesWrite } from '../../permissions.ts';
import { ifMatch, rolePath } from './resources.ts';

/**
 * A role that is still granted is not deleted (409): remove its grants first, so that nobody loses a right unseen.
 */
export const deleteRole = defineEndpoint({
  id: 'authorization.delete-role',
  service: 'authorization',
  method: 'DELETE',
  path: '/api/v1/organizations/{org_id}/roles/{role_id}',
  access: { permission: rolesWrite, organization: 'org_id' },
  summary: 'Delete a role.',
  input: { path: rolePath, headers: ifMatch },
  success: { status: 204, body: 'none' },
  errors: ['not-found', 'conflict', 'precondition-failed', 'event-backlog-full'],
});
