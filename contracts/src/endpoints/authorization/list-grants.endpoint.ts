import { z } from 'zod';
import { subject } from '../../authorization-model.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { pageOf, pageQuery } from '../../paging.ts';
import { organizationRead } from '../../permissions.ts';
import { grant, grantExample, organizationPath } from './resources.ts';

/**
 * In order of creation; the filters are joined by AND.
 */
export const listGrants = defineEndpoint({
  id: 'authorization.list-grants',
  service: 'authorization',
  method: 'GET',
  path: '/api/v1/organizations/{org_id}/grants',
  access: { permission: organizationRead, organization: 'org_id' },
  summary: 'List the grants of an organisation.',
  input: {
    path: organizationPath,
    query: pageQuery.extend({
      subject_type: subject.shape.type.optional(),
      subject_id: subject.shape.id.optional(),
      role_id: z.uuid().optional(),
    }),
  },
  success: { status: 200, body: pageOf(grant), example: { items: [grantExample], next_cursor: null } },
  errors: ['not-found'],
});
