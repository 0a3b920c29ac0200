import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { rolesWrite } from '../../permissions.ts';
import { organizationPath, role, roleDescription, roleExample, roleName, rolePermissions } from './resources.ts';

/**
 * A role is a named list of permissions; nobody holds it until it is granted. A permission that is not in the catalog, and a platform
 * permission outside the platform organisation, is refused (422); a name that the organisation already uses is a 409.
 */
export const createRole = defineEndpoint({
  id: 'authorization.create-role',
  service: 'authorization',
  method: 'POST',
  path: '/api/v1/organizations/{org_id}/roles',
  access: { permission: rolesWrite, organization: 'org_id' },
  summary: 'Create a role.',
  input: {
    path: organizationPath,
    json: z.strictObject({
      name: roleName,
      description: roleDescription.or(z.literal('')).default(''),
      permissions: rolePermissions,
    }),
  },
  success: { status: 201, body: role, example: roleExample },
  errors: ['not-found', 'already-exists', 'unprocessable', 'event-backlog-full'],
});
