import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { clientId, uuid } from '../../input-values.ts';
import { pageOf, pageQuery } from '../../paging.ts';
import { logoutDeliveryRead, logoutDeliveryRequeue } from '../../permissions.ts';

const logoutDeliveryState = z.enum(['queued', 'delivered', 'failed']);
export type LogoutDeliveryState = z.output<typeof logoutDeliveryState>;

const logoutDelivery = z.object({
  id: z.uuid(),
  client_id: z.string(),
  account_id: z.uuid(),
  session_id: z.uuid(),
  state: logoutDeliveryState.describe('failed is a dead letter: nobody tries any more'),
  attempts: z.int().nonnegative(),
  last_status: z.int().nullable().describe('of the last answer; null where there was none'),
  created_at: z.iso.datetime(),
  next_attempt_at: z.iso.datetime().nullable().describe('null once it is delivered or failed'),
  ended_at: z.iso.datetime().nullable(),
});
export type LogoutDeliveryResource = z.output<typeof logoutDelivery>;

const example = {
  id: '0198f0c3-7a52-7c3e-9a60-0d6f4d1b2a08',
  client_id: 'demo',
  account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
  session_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a05',
  state: 'failed' as const,
  attempts: 16,
  last_status: 503,
  created_at: '2026-01-01T00:00:00.000Z',
  next_attempt_at: null,
  ended_at: '2026-01-01T04:00:00.000Z',
};

/** Which clients were told of which logouts (OIDC Back-Channel Logout), for thirty days, in the order of the logouts. */
export const listLogoutDeliveries = defineEndpoint({
  id: 'token.list-logout-deliveries',
  service: 'token',
  method: 'GET',
  path: '/api/v1/logout-deliveries',
  access: { permission: logoutDeliveryRead },
  summary: 'List the notices of logouts to clients.',
  input: { query: pageQuery.extend({ state: logoutDeliveryState.optional(), client_id: clientId.optional() }) },
  success: { status: 200, body: pageOf(logoutDelivery), example: { items: [example], next_cursor: null } },
  errors: [],
});

/** A dead letter is due at once, with all of its attempts before it. One that is no dead letter (any more) is a conflict. */
export const requeueLogoutDelivery = defineEndpoint({
  id: 'token.requeue-logout-delivery',
  service: 'token',
  method: 'POST',
  path: '/api/v1/logout-deliveries/{delivery_id}/requeue',
  access: { permission: logoutDeliveryRequeue },
  summary: 'Try to deliver the notice of a logout again.',
  input: { path: z.object({ delivery_id: uuid }) },
  success: { status: 204, body: 'none' },
  errors: ['not-found', 'conflict', 'event-backlog-full'],
});
