import { z } from 'zod';
import { displayName, permissionName } from '../../authorization-model.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { permissionsRegister } from '../../permissions.ts';
import { permission } from './resources.ts';

/**
 * Adds a permission of an application to the catalog, so that roles may carry it and checks may ask for it in every organisation. A name
 * that is in the catalog already is a 409. A permission is never taken out again: checks that ask for it would fail.
 */
export const registerPermission = defineEndpoint({
  id: 'authorization.register-permission',
  service: 'authorization',
  method: 'POST',
  path: '/api/v1/permissions',
  access: { permission: permissionsRegister },
  summary: 'Register a permission.',
  input: { json: z.strictObject({ name: permissionName, summary: displayName }) },
  success: {
    status: 201,
    body: permission,
    example: { name: 'activity:read', summary: 'Read activities.', scope: 'organization', registered: true },
  },
  errors: ['already-exists', 'event-backlog-full'],
});
