import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { authorizationDetails, clientId, uuid } from '../../input-values.ts';
import { pageOf, pageQuery } from '../../paging.ts';
import { tokenGrantRead } from '../../permissions.ts';

const tokenGrant = z.object({
  id: z.uuid().describe('`grant_id` of its tokens'),
  account_id: z.uuid(),
  client_id: z.string(),
  session_id: z.uuid(),
  scope: z.array(z.string()),
  resources: z.array(z.string()).describe('audiences that the authorization named'),
  authorization_details: authorizationDetails.describe('RFC 9396'),
  authenticated_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
});
export type TokenGrantResource = z.output<typeof tokenGrant>;

/** What clients hold for accounts: neither expired nor revoked, in the order of creation. */
export const listTokenGrants = defineEndpoint({
  id: 'token.list-token-grants',
  service: 'token',
  method: 'GET',
  path: '/api/v1/grants',
  access: { permission: tokenGrantRead },
  summary: 'List the grants of accounts to clients.',
  input: {
    query: pageQuery.extend({ account_id: uuid.optional(), client_id: clientId.optional() }),
  },
  success: { status: 200, body: pageOf(tokenGrant) },
  errors: [],
});
