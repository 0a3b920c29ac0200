import { defineEndpoint } from '../../define-endpoint.ts';
import { grantsWrite } from '../../permissions.ts';
import { grantPath, ifMatch } from './resources.ts';

/**
 * A check that starts after the answer no longer counts the grant.
 */
export const removeGrant = defineEndpoint({
  id: 'authorization.remove-grant',
  service: 'authorization',
  method: 'DELETE',
  path: '/api/v1/organizations/{org_id}/grants/{grant_id}',
  access: { permission: grantsWrite, organization: 'org_id' },
  summary: 'Remove a grant.',
  input: { path: grantPath, headers: ifMatch },
  success: { status: 204, body: 'none' },
  errors: ['not-found', 'precondition-failed', 'event-backlog-full'],
});
