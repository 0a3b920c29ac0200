import { defineEndpoint } from '../../define-endpoint.ts';
import { pageOf, pageQuery } from '../../paging.ts';
import { organizationRead } from '../../permissions.ts';
import { organizationPath, role, roleExample } from './resources.ts';

/**
 * In order of creation.
 */
export const listRoles = defineEndpoint({
  id: 'authorization.list-roles',
  service: 'authorization',
  method: 'GET',
  path: '/api/v1/organizations/{org_id}/roles',
  access: { permission: organizationRead, organization: 'org_id' },
  summary: 'List the roles of an organisation.',
  input: { path: organizationPath, query: pageQuery },
  success: { status: 200, body: pageOf(role), example: { items: [roleExample], next_cursor: null } },
  errors: ['not-found'],
});
