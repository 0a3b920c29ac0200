import { z } from 'zod';
import { displayName, subject } from '../../authorization-model.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { organizationsCreate } from '../../permissions.ts';
import { organization, organizationExample } from './resources.ts';

/**
 * Creates an organisation with one role, `administrator` (permission `*`), and gives that role to `administrator`, which is the
 * caller unless told. A user becomes a member with it.
 */
export const createOrganization = defineEndpoint({
  id: 'authorization.create-organization',
  service: 'authorization',
  method: 'POST',
  path: '/api/v1/organizations',
  access: { permission: organizationsCreate },
  summary: 'Create an organisation.',
  input: { json: z.strictObject({ name: displayName, administrator: subject.optional() }) },
  success: { status: 201, body: organization, example: organizationExample },
  errors: ['event-backlog-full'],
});
