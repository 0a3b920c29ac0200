import { Injectable } from '@nestjs/common';
import type { Principal } from '@gatehouse/authn';
import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import type { RequiredPermission } from '@gatehouse/contracts';
import { PermissionDenied } from '@gatehouse/http';
import { PermissionChecker } from './permission-checker.ts';

/** Lets a caller pass that has the permission in question, and nobody else. */
@Injectable()
export class PermissionEnforcer {
  constructor(private readonly checker: PermissionChecker) {}

  /**
   * `fields` are the request's path and query. Throws `permission-denied`, or `not-found` where the caller may not know
   * the organisation (both recorded as a denial), and `dependency-unavailable` where no decision can be had.
   */
  async enforce(
    principal: Principal,
    required: RequiredPermission,
    fields: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const { permission, organizationId } = asked(required, fields);
    const { allowed, hidden } = await this.checker.check({
      user_id: principal.id,
      subject_type: principal.kind === 'account' ? 'user' : 'client',
      org_id: organizationId ?? PLATFORM_ORGANIZATION_ID,
      permission,
    });
    if (allowed) return;
    throw new PermissionDenied(permission, organizationId, { hidden });
  }
}

/** A request that names no organisation asks in the platform organisation, where only platform-wide grants count. */
function asked(
  { permission, organization, platformPermission }: RequiredPermission,
  fields: Readonly<Record<string, unknown>>,
): { permission: string; organizationId: string | null } {
  const organizationId = organization === undefined ? undefined : fields[organization];
  if (typeof organizationId === 'string') return { permission: permission.name, organizationId };
  return { permission: (platformPermission ?? permission).name, organizationId: null };
}
