import { z } from 'zod';
import { effect, permissionPattern, readableText, subject, userId } from '../../authorization-model.ts';
import { uuid } from '../../input-values.ts';

const timestamps = { created_at: z.iso.datetime(), updated_at: z.iso.datetime() };
/** Raised by every change of the resource; the ETag is this number in quotes. */
const version = z.int().positive();

export const organization = z.object({ id: z.uuid(), name: z.string(), version, ...timestamps });
export const role = z.object({
  id: z.uuid(),
  organization_id: z.uuid(),
  name: z.string(),
  description: z.string(),
  permissions: z.array(permissionPattern),
  version,
  ...timestamps,
});
export const membership = z.object({
  organization_id: z.uuid(),
  user_id: z.string(),
  expires_at: z.iso.datetime().nullable(),
  version,
  ...timestamps,
});
export const grant = z.object({
  id: z.uuid(),
  organization_id: z.uuid(),
  subject,
  role_id: z.uuid().nullable(),
  permission: permissionPattern.nullable(),
  effect,
  not_before: z.iso.datetime().nullable(),
  expires_at: z.iso.datetime().nullable(),
  version,
  ...timestamps,
});
export const permission = z.object({
  name: z.string(),
  summary: z.string(),
  scope: z.enum(['organization', 'platform']),
  registered: z.boolean().describe('false: part of Gatehouse; true: registered by an operator'),
});

export type OrganizationResource = z.output<typeof organization>;
export type RoleResource = z.output<typeof role>;
export type MembershipResource = z.output<typeof membership>;
export type GrantResource = z.output<typeof grant>;
export type PermissionResource = z.output<typeof permission>;

export const organizationPath = z.object({ org_id: uuid });
export const rolePath = z.object({ org_id: uuid, role_id: uuid });
export const membershipPath = z.object({ org_id: uuid, user_id: userId });
export const grantPath = z.object({ org_id: uuid, grant_id: uuid });

/** A change with If-Match is refused (412) when the resource is no longer at that version (RFC 9110 13.1.1). */
export const ifMatch = z.object({
  'if-match': z
    .string()
    .regex(/^"[1-9]\d{0,15}"$/, 'must be the ETag of the resource, e.g. "3"')
    .optional(),
});

export const roleName = readableText(100);
export const roleDescription = readableText(500);
/** At most 300, so that the role's event stays within the size of one message. */
export const rolePermissions = z.array(permissionPattern).max(300);

export const organizationExample = {
  id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b01',
  name: 'Analytical Engines',
  version: 1,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
};
export const roleExample = {
  id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b02',
  organization_id: organizationExample.id,
  name: 'Auditor',
  description: 'Reads what happened.',
  permissions: ['audit:read', 'invoice:*'],
  version: 1,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
};
export const membershipExample = {
  organization_id: organizationExample.id,
  user_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
  expires_at: null,
  version: 1,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
};
export const grantExample = {
  id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b03',
  organization_id: organizationExample.id,
  subject: { type: 'user' as const, id: membershipExample.user_id },
  role_id: roleExample.id,
  permission: null,
  effect: 'allow' as const,
  not_before: null,
  expires_at: '2027-01-01T00:00:00.000Z',
  version: 1,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
};
