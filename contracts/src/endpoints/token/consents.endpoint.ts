import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { pageOf, pageQuery } from '../../paging.ts';
import { clientPath } from './client-resource.ts';

const consent = z.object({
  client_id: z.string(),
  client_name: z.string().nullable(),
  scope: z.array(z.string()).describe('what the client was allowed'),
  given_at: z.iso.datetime(),
});
export type ConsentResource = z.output<typeof consent>;

/**
 * What the caller has allowed clients. Only a first-party client may ask for it (403), since it shows what else a person uses.
 */
export const listConsents = defineEndpoint({
  id: 'token.list-consents',
  service: 'token',
  method: 'GET',
  path: '/api/v1/me/consents',
  access: 'authenticated',
  summary: 'List what I have allowed clients.',
  input: { query: pageQuery },
  success: { status: 200, body: pageOf(consent) },
  errors: [],
});

/**
 * Takes back what the caller has allowed a client, and revokes everything that the client holds for the caller. Nothing else
 * that a person can do with a token has as much effect on other applications or cannot be undone by its caller, so a token
 * that was stolen, or refreshed for weeks, is not enough: the login must be recent.
 */
export const revokeConsent = defineEndpoint({
  id: 'token.revoke-consent',
  service: 'token',
  method: 'DELETE',
  path: '/api/v1/me/consents/{client_id}',
  access: 'authenticated',
  authentication: { maxAgeSeconds: 3_600 },
  summary: 'Take back what I have allowed a client.',
  input: { path: clientPath },
  success: { status: 204, body: 'none' },
  errors: ['not-found', 'event-backlog-full'],
});
