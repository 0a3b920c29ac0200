import { z } from 'zod';
import { canonicalSubjectId, permissionName, subject } from '../../authorization-model.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { uuid } from '../../input-values.ts';
import { authorizationCheck } from '../../permissions.ts';

/**
 * Whether a subject has a permission in an organisation, read from the database in one statement. Unknown users and organisations have
 * none; an unknown permission is a 422, since it is a mistake in the caller's program. A failure is a 503, never an answer.
 */
export const checkPermission = defineEndpoint({
  id: 'authorization.check-permission',
  service: 'authorization',
  method: 'POST',
  path: '/api/v1/authorization/check',
  access: { permission: authorizationCheck },
  summary: 'Check a permission.',
  input: {
    json: z
      .strictObject({
        user_id: subject.shape.id.describe('account id, or client id with subject_type client'),
        org_id: uuid,
        permission: permissionName,
        subject_type: subject.shape.type.default('user'),
      })
      .overwrite((question) => ({
        ...question,
        user_id: canonicalSubjectId(question.subject_type, question.user_id),
      })),
  },
  success: {
    status: 200,
    body: z.object({
      allowed: z.boolean(),
      cache_status: z
        .enum(['l1_hit', 'l2_cache_hit', 'cache_miss'])
        .describe('where the permissions were read; cache_miss is the database'),
      belongs: z
        .boolean()
        .optional()
        .describe('whether the subject is a member or holds a grant there; absent says no'),
    }),
    example: { allowed: true, cache_status: 'cache_miss', belongs: true },
  },
  errors: ['unprocessable', 'dependency-unavailable'],
});
