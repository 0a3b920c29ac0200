import { z } from 'zod';
import { displayName } from '../../authorization-model.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { organizationWrite } from '../../permissions.ts';
import { ifMatch, organization, organizationExample, organizationPath } from './resources.ts';

/**
 * Changes what the body names and leaves the rest as it is (JSON Merge Patch, RFC 7396, as application/json).
 */
export const changeOrganization = defineEndpoint({
  id: 'authorization.change-organization',
  service: 'authorization',
  method: 'PATCH',
  path: '/api/v1/organizations/{org_id}',
  access: { permission: organizationWrite, organization: 'org_id' },
  summary: 'Change an organisation.',
  input: { path: organizationPath, headers: ifMatch, json: z.strictObject({ name: displayName.optional() }) },
  success: { status: 200, body: organization, example: organizationExample },
  errors: ['not-found', 'precondition-failed', 'event-backlog-full'],
});
