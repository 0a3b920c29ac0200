import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { instant } from '../../input-values.ts';
import { grantsWrite } from '../../permissions.ts';
import { grant, grantExample, grantPath, ifMatch } from './resources.ts';

/**
 * Changes when a grant begins or ends, leaving what the body does not name (RFC 7396). What it gives, and to whom, never changes: add
 * another grant and remove this one.
 */
export const changeGrant = defineEndpoint({
  id: 'authorization.change-grant',
  service: 'authorization',
  method: 'PATCH',
  path: '/api/v1/organizations/{org_id}/grants/{grant_id}',
  access: { permission: grantsWrite, organization: 'org_id' },
  summary: 'Change when a grant counts.',
  input: {
    path: grantPath,
    headers: ifMatch,
    json: z.strictObject({ not_before: instant.nullable().optional(), expires_at: instant.nullable().optional() }),
  },
  success: { status: 200, body: grant, example: grantExample },
  errors: ['not-found', 'precondition-failed', 'event-backlog-full'],
});
