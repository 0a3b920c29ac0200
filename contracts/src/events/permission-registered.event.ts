import { z } from 'zod';
import { permissionName, raisedEpochs } from '../authorization-model.ts';
import { defineEvent } from '../define-event.ts';
import { PLATFORM_ORGANIZATION_ID } from '../platform-organization.ts';
import { organizations } from '../topics.ts';

/** A permission of an operator's own application can be granted and asked from now on, in every organisation. */
export const permissionRegistered = defineEvent({
  type: 'permission.registered',
  version: 1,
  topic: organizations,
  summary: 'A permission was registered.',
  data: z.object({ permission: permissionName, summary: z.string(), epochs: raisedEpochs }),
  key: () => PLATFORM_ORGANIZATION_ID,
  audit: (data) => ({
    action: 'permission.register',
    target: { kind: 'permission', id: data.permission },
    outcome: 'success',
  }),
  examples: [{ permission: 'activity:read', summary: 'Read activities.', epochs: { catalog: 2 } }],
});
