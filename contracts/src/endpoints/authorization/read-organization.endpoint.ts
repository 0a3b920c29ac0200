import { defineEndpoint } from '../../define-endpoint.ts';
import { organizationRead } from '../../permissions.ts';
import { organization, organizationExample, organizationPath } from './resources.ts';

/**
 * Answers with the ETag that a later change may send as If-Match.
 */
export const readOrganization = defineEndpoint({
  id: 'authorization.read-organization',
  service: 'authorization',
  method: 'GET',
  path: '/api/v1/organizations/{org_id}',
  access: { permission: organizationRead, organization: 'org_id' },
  summary: 'Read an organisation.',
  input: { path: organizationPath },
  success: { status: 200, body: organization, example: organizationExample },
  errors: ['not-found'],
});
