import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { instant } from '../../input-values.ts';
import { membershipsWrite } from '../../permissions.ts';
import { ifMatch, membership, membershipExample, membershipPath } from './resources.ts';

/**
 * Changes what the body names and leaves the rest as it is (RFC 7396); `expires_at: null` makes the membership unlimited.
 */
export const changeMembership = defineEndpoint({
  id: 'authorization.change-membership',
  service: 'authorization',
  method: 'PATCH',
  path: '/api/v1/organizations/{org_id}/memberships/{user_id}',
  access: { permission: membershipsWrite, organization: 'org_id' },
  summary: 'Change a membership.',
  input: {
    path: membershipPath,
    headers: ifMatch,
    json: z.strictObject({ expires_at: instant.nullable().optional() }),
  },
  success: { status: 200, body: membership, example: membershipExample },
  errors: ['not-found', 'precondition-failed', 'event-backlog-full'],
});
