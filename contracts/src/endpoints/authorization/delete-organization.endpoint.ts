import { defineEndpoint } from '../../define-endpoint.ts';
import { organizationWrite } from '../../permissions.ts';
import { ifMatch, organizationPath } from './resources.ts';

/**
 * Deletes an organisation with its roles, memberships and grants. The platform organisation cannot be deleted (409).
 */
export const deleteOrganization = defineEndpoint({
  id: 'authorization.delete-organization',
  service: 'authorization',
  method: 'DELETE',
  path: '/api/v1/organizations/{org_id}',
  access: { permission: organizationWrite, organization: 'org_id' },
  summary: 'Delete an organisation.',
  input: { path: organizationPath, headers: ifMatch },
  success: { status: 204, body: 'none' },
  errors: ['not-found', 'conflict', 'precondition-failed', 'event-backlog-full'],
});
