import { defineEndpoint } from '../../define-endpoint.ts';
import { organizationRead } from '../../permissions.ts';
import { grant, grantExample, grantPath } from './resources.ts';

/**
 * Answers with the ETag that a later change may send as If-Match.
 */
export const readGrant = defineEndpoint({
  id: 'authorization.read-grant',
  service: 'authorization',
  method: 'GET',
  path: '/api/v1/organizations/{org_id}/grants/{grant_id}',
  access: { permission: organizationRead, organization: 'org_id' },
  summary: 'Read a grant.',
  input: { path: grantPath },
  success: { status: 200, body: grant, example: grantExample },
  errors: ['not-found'],
});
