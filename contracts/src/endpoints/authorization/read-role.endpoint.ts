import { defineEndpoint } from '../../define-endpoint.ts';
import { organizationRead } from '../../permissions.ts';
import { role, roleExample, rolePath } from './resources.ts';

/**
 * Answers with the ETag that a later change may send as If-Match.
 */
export const readRole = defineEndpoint({
  id: 'authorization.read-role',
  service: 'authorization',
  method: 'GET',
  path: '/api/v1/organizations/{org_id}/roles/{role_id}',
  access: { permission: organizationRead, organization: 'org_id' },
  summary: 'Read a role.',
  input: { path: rolePath },
  success: { status: 200, body: role, example: roleExample },
  errors: ['not-found'],
});
