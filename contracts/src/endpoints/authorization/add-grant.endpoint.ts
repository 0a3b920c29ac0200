import { z } from 'zod';
import { effect, permissionPattern, subject } from '../../authorization-model.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { instant, uuid } from '../../input-values.ts';
import { grantsWrite } from '../../permissions.ts';
import { grant, grantExample, organizationPath } from './resources.ts';

const newGrant = z
  .strictObject({
    subject,
    role_id: uuid.optional(),
    permission: permissionPattern.optional(),
    effect: effect.default('allow'),
    not_before: instant.nullable().default(null),
    expires_at: instant.nullable().default(null),
  })
  .refine((grant) => (grant.role_id === undefined) !== (grant.permission === undefined), {
    message: 'must name either role_id or permission',
  });

/**
 * Gives a subject a role or a permission in the organisation, or denies it: a deny wins over every allow. Exactly one of `role_id` and
 * `permission` is given. It takes effect at `not_before` and ends at `expires_at`, by the database's clock. Refused with 422: a user
 * who is not a member, an unknown role, a permission that is not in the catalog, a platform permission outside the platform
 * organisation. The same grant a second time is a 409.
 */
export const addGrant = defineEndpoint({
  id: 'authorization.add-grant',
  service: 'authorization',
  method: 'POST',
  path: '/api/v1/organizations/{org_id}/grants',
  access: { permission: grantsWrite, organization: 'org_id' },
  summary: 'Grant a role or a permission.',
  input: { path: organizationPath, json: newGrant },
  success: { status: 201, body: grant, example: grantExample },
  errors: ['not-found', 'already-exists', 'unprocessable', 'event-backlog-full'],
});
