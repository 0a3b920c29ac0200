import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { tokenRevoked } from '../../events/token-revoked.event.ts';

/** The scope that a service's own token needs to read revocations; only clients of services are registered for it. */
export const REVOCATIONS_SCOPE = 'revocations:read';

/** One live revocation, as guards need it. */
export const liveRevocation = tokenRevoked.data
  .pick({ scope: true, id: true, version: true, revoked_at: true, expires_at: true })
  .extend({ number: z.int().positive() });
export type LiveRevocation = z.output<typeof liveRevocation>;

/**
 * For guards: what was revoked after a number that they know, and how far the numbers go. The gaps that expired
 * revocations left are not listed, so `complete_through` may be far above the last number of the list.
 */
export const listRevocations = defineEndpoint({
  id: 'token.list-revocations',
  service: 'token',
  method: 'GET',
  path: '/api/v1/revocations',
  access: 'authenticated',
  summary: `List live revocations; asks for the scope ${REVOCATIONS_SCOPE}.`,
  input: {
    query: z.strictObject({
      after: z.coerce.number().int().min(0).default(0).describe('the number through which the caller knows them'),
      limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
    }),
  },
  success: {
    status: 200,
    body: z.object({
      head: z.int().min(0).describe('number of the last revocation; every acknowledged one is at or below it'),
      complete_through: z.int().min(0).describe('whoever applies the list knows every live revocation up to this one'),
      revocations: z.array(liveRevocation).describe('in the order of their numbers'),
    }),
  },
  errors: ['permission-denied'],
});
