import { z } from 'zod';
import { userId } from '../../authorization-model.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { instant } from '../../input-values.ts';
import { membershipsWrite } from '../../permissions.ts';
import { membership, membershipExample, organizationPath } from './resources.ts';

/**
 * Makes a user a member. Only members can hold grants; from `expires_at` on the grants of the member do not count.
 */
export const addMembership = defineEndpoint({
  id: 'authorization.add-membership',
  service: 'authorization',
  method: 'POST',
  path: '/api/v1/organizations/{org_id}/memberships',
  access: { permission: membershipsWrite, organization: 'org_id' },
  summary: 'Add a member.',
  input: {
    path: organizationPath,
    json: z.strictObject({ user_id: userId, expires_at: instant.nullable().default(null) }),
  },
  success: { status: 201, body: membership, example: membershipExample },
  errors: ['not-found', 'already-exists', 'event-backlog-full'],
});
