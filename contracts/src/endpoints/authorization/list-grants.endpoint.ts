import { canonicalSubjectId, subject } from '../../authorization-model.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { uuid } from '../../input-values.ts';
import { pageOf, pageQuery } from '../../paging.ts';
import { organizationRead } from '../../permissions.ts';
import { grant, grantExample, organizationPath } from './resources.ts';

/** Without a type the id is read as an account's, since those have more than one spelling. */
function canonicalFilter<F extends { subject_type?: 'user' | 'client' | undefined; subject_id?: string | undefined }>(
  filter: F,
): F {
  const { subject_type = 'user', subject_id } = filter;
  return subject_id === undefined ? filter : { ...filter, subject_id: canonicalSubjectId(subject_type, subject_id) };
}

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
    query: pageQuery
      .extend({
        subject_type: subject.shape.type.optional(),
        subject_id: subject.shape.id.optional(),
        role_id: uuid.optional(),
      })
      .overwrite(canonicalFilter),
  },
  success: { status: 200, body: pageOf(grant), example: { items: [grantExample], next_cursor: null } },
  errors: ['not-found'],
});
