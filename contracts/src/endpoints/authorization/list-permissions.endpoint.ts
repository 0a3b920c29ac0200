import { defineEndpoint } from '../../define-endpoint.ts';
import { pageOf, pageQuery } from '../../paging.ts';
import { permission } from './resources.ts';

/**
 * The catalog, in order of name.
 */
export const listPermissions = defineEndpoint({
  id: 'authorization.list-permissions',
  service: 'authorization',
  method: 'GET',
  path: '/api/v1/permissions',
  access: 'authenticated',
  summary: 'List the permissions that can be granted and asked.',
  input: { query: pageQuery },
  success: {
    status: 200,
    body: pageOf(permission),
    example: {
      items: [{ name: 'activity:read', summary: 'Read activities.', scope: 'organization', registered: true }],
      next_cursor: null,
    },
  },
  errors: [],
});
