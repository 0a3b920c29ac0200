import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { rolesWrite } from '../../permissions.ts';
import { ifMatch, role, roleDescription, roleExample, roleName, rolePath, rolePermissions } from './resources.ts';

/**
 * Changes what the body names and leaves the rest as it is (RFC 7396); `permissions` replaces the whole list. Every holder has the
 * new permissions at once.
 */
export const changeRole = defineEndpoint({
  id: 'authorization.change-role',
  service: 'authorization',
  method: 'PATCH',
  path: '/api/v1/organizations/{org_id}/roles/{role_id}',
  access: { permission: rolesWrite, organization: 'org_id' },
  summary: 'Change a role.',
  input: {
    path: rolePath,
    headers: ifMatch,
    json: z.strictObject({
      name: roleName.optional(),
      description: roleDescription.or(z.literal('')).optional(),
      permissions: rolePermissions.optional(),
    }),
  },
  success: { status: 200, body: role, example: roleExample },
  errors: ['not-found', 'already-exists', 'precondition-failed', 'unprocessable', 'event-backlog-full'],
});
