import { defineEndpoint } from '../../define-endpoint.ts';
import { organizationRead } from '../../permissions.ts';
import { membership, membershipExample, membershipPath } from './resources.ts';

/**
 * Answers with the ETag that a later change may send as If-Match.
 */
export const readMembership = defineEndpoint({
  id: 'authorization.read-membership',
  service: 'authorization',
  method: 'GET',
  path: '/api/v1/organizations/{org_id}/memberships/{user_id}',
  access: { permission: organizationRead, organization: 'org_id' },
  summary: 'Read a membership.',
  input: { path: membershipPath },
  success: { status: 200, body: membership, example: membershipExample },
  errors: ['not-found'],
});
