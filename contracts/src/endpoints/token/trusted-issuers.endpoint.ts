import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { uuid } from '../../input-values.ts';
import { pageOf, pageQuery } from '../../paging.ts';
import { trustedIssuerManage, trustedIssuerRead } from '../../permissions.ts';
import { trustedIssuerDataExample, trustedIssuerInput } from '../../trusted-issuer.ts';
import { ifMatch } from '../authorization/resources.ts';

const trustedIssuer = z.object({
  id: z.uuid(),
  ...trustedIssuerInput.shape,
  version: z.int().positive().describe('raised by every change; the ETag is this number in quotes'),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type TrustedIssuerResource = z.output<typeof trustedIssuer>;

const { trusted_issuer_id: id, ...described } = trustedIssuerDataExample;
const example = {
  id,
  ...described,
  version: 1,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
};
const path = z.object({ trusted_issuer_id: uuid });

/** All trusted issuers, in the order in which they were added. */
export const listTrustedIssuers = defineEndpoint({
  id: 'token.list-trusted-issuers',
  service: 'token',
  method: 'GET',
  path: '/api/v1/trusted-issuers',
  access: { permission: trustedIssuerRead },
  summary: 'List trusted issuers.',
  input: { query: pageQuery },
  success: { status: 200, body: pageOf(trustedIssuer), example: { items: [example], next_cursor: null } },
  errors: [],
});

export const readTrustedIssuer = defineEndpoint({
  id: 'token.read-trusted-issuer',
  service: 'token',
  method: 'GET',
  path: '/api/v1/trusted-issuers/{trusted_issuer_id}',
  access: { permission: trustedIssuerRead },
  summary: 'Read a trusted issuer.',
  input: { path },
  success: { status: 200, body: trustedIssuer, example },
  errors: ['not-found'],
});

/** From now on its assertions about the mapped subjects are a grant of the token endpoint (RFC 7523 2.1). */
export const addTrustedIssuer = defineEndpoint({
  id: 'token.add-trusted-issuer',
  service: 'token',
  method: 'POST',
  path: '/api/v1/trusted-issuers',
  access: { permission: trustedIssuerManage },
  summary: 'Trust an issuer.',
  input: { json: trustedIssuerInput },
  success: { status: 201, body: trustedIssuer, example },
  errors: ['already-exists', 'event-backlog-full'],
});

/** Replaces it as a whole. What was issued before goes on until it expires, or its client's tokens are revoked. */
export const changeTrustedIssuer = defineEndpoint({
  id: 'token.change-trusted-issuer',
  service: 'token',
  method: 'PUT',
  path: '/api/v1/trusted-issuers/{trusted_issuer_id}',
  access: { permission: trustedIssuerManage },
  summary: 'Change a trusted issuer.',
  input: { path, headers: ifMatch, json: trustedIssuerInput },
  success: { status: 200, body: trustedIssuer, example },
  errors: ['not-found', 'already-exists', 'precondition-failed', 'event-backlog-full'],
});

/** Its assertions are worth nothing from now on. */
export const removeTrustedIssuer = defineEndpoint({
  id: 'token.remove-trusted-issuer',
  service: 'token',
  method: 'DELETE',
  path: '/api/v1/trusted-issuers/{trusted_issuer_id}',
  access: { permission: trustedIssuerManage },
  summary: 'Stop trusting an issuer.',
  input: { path, headers: ifMatch },
  success: { status: 204, body: 'none' },
  errors: ['not-found', 'precondition-failed', 'event-backlog-full'],
});
