import { defineEndpoint } from '../../define-endpoint.ts';
import { pageOf, pageQuery } from '../../paging.ts';
import { organization, organizationExample } from './resources.ts';

/**
 * Lists the organisations in which the caller is a member or holds a grant; with `organizations:create`, all of them. In order of creation.
 */
export const listOrganizations = defineEndpoint({
  id: 'authorization.list-organizations',
  service: 'authorization',
  method: 'GET',
  path: '/api/v1/organizations',
  access: 'authenticated',
  summary: 'List organisations.',
  input: { query: pageQuery },
  success: { status: 200, body: pageOf(organization), example: { items: [organizationExample], next_cursor: null } },
  errors: [],
});
