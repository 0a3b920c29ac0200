import { defineEndpoint } from '../../define-endpoint.ts';
import { pageOf, pageQuery } from '../../paging.ts';
import { clientRead } from '../../permissions.ts';
import { client, clientExample } from './client-resource.ts';

/** All clients, in the order of their ids. */
export const listClients = defineEndpoint({
  id: 'token.list-clients',
  service: 'token',
  method: 'GET',
  path: '/api/v1/clients',
  access: { permission: clientRead },
  summary: 'List clients.',
  input: { query: pageQuery },
  success: { status: 200, body: pageOf(client), example: { items: [clientExample], next_cursor: null } },
  errors: [],
});
