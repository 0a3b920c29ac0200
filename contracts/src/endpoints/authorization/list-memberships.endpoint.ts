import { defineEndpoint } from '../../define-endpoint.ts';
import { pageOf, pageQuery } from '../../paging.ts';
import { organizationRead } from '../../permissions.ts';
import { membership, membershipExample, organizationPath } from './resources.ts';

/**
 * In order of user id.
 */
export const listMemberships = defineEndpoint({
  id: 'authorization.list-memberships',
  service: 'authorization',
  method: 'GET',
  path: '/api/v1/organizations/{org_id}/memberships',
  access: { permission: organizationRead, organization: 'org_id' },
  summary: 'List the members of an organisation.',
  input: { path: organizationPath, query: pageQuery },
  success: { status: 200, body: pageOf(membership), example: { items: [membershipExample], next_cursor: null } },
  errors: ['not-found'],
});
