import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { pageOf, pageQuery } from '../../paging.ts';
import { resourceManage, resourceRead } from '../../permissions.ts';
import {
  addedResource,
  changedResource,
  resourceDataExample,
  resourceDescription,
  resourceName,
} from '../../token-resource.ts';
import { ifMatch } from '../authorization/resources.ts';

const resource = resourceDescription.extend({
  name: z.string(),
  version: z.int().positive().describe('raised by every change; the ETag is this number in quotes'),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type TokenResource = z.output<typeof resource>;

const example = {
  ...resourceDataExample,
  version: 1,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
};
const path = z.object({ name: resourceName });

/** All resources, in the order of their names. */
export const listResources = defineEndpoint({
  id: 'token.list-resources',
  service: 'token',
  method: 'GET',
  path: '/api/v1/resources',
  access: { permission: resourceRead },
  summary: 'List the services that tokens can be issued for.',
  input: { query: pageQuery },
  success: { status: 200, body: pageOf(resource), example: { items: [example], next_cursor: null } },
  errors: [],
});

export const readResource = defineEndpoint({
  id: 'token.read-resource',
  service: 'token',
  method: 'GET',
  path: '/api/v1/resources/{name}',
  access: { permission: resourceRead },
  summary: 'Read a resource.',
  input: { path },
  success: { status: 200, body: resource, example },
  errors: ['not-found'],
});

/** From now on clients may ask for tokens for it (RFC 8707). */
export const addResource = defineEndpoint({
  id: 'token.add-resource',
  service: 'token',
  method: 'POST',
  path: '/api/v1/resources',
  access: { permission: resourceManage },
  summary: 'Add a resource.',
  input: { json: addedResource },
  success: { status: 201, body: resource, example },
  errors: ['already-exists', 'conflict', 'event-backlog-full'],
});

/** Replaces all but the name. Another URL is another audience: grants that named the former one get no tokens for it. */
export const changeResource = defineEndpoint({
  id: 'token.change-resource',
  service: 'token',
  method: 'PUT',
  path: '/api/v1/resources/{name}',
  access: { permission: resourceManage },
  summary: 'Change a resource.',
  input: { path, headers: ifMatch, json: changedResource },
  success: { status: 200, body: resource, example },
  errors: ['not-found', 'already-exists', 'conflict', 'precondition-failed', 'event-backlog-full'],
});

/** No tokens are issued for it any more; those that there are expire within ten minutes. */
export const removeResource = defineEndpoint({
  id: 'token.remove-resource',
  service: 'token',
  method: 'DELETE',
  path: '/api/v1/resources/{name}',
  access: { permission: resourceManage },
  summary: 'Remove a resource.',
  input: { path, headers: ifMatch },
  success: { status: 204, body: 'none' },
  errors: ['not-found', 'conflict', 'precondition-failed', 'event-backlog-full'],
});
