import { Injectable } from '@nestjs/common';
import { Authenticator } from '@gatehouse/authn';
import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import type { RequiredPermission } from '@gatehouse/contracts';
import { PermissionDenied } from '@gatehouse/http';
import type { FastifyRequest } from 'fastify';
import { PermissionChecker } from './permission-checker.ts';

/** Lets a caller pass that has the permission in question, and nobody else. */
@Injectable()
export class PermissionEnforcer {
  readonly #passed = new WeakMap<FastifyRequest, RequiredPermission>();

  constructor(
    private readonly authenticator: Authenticator,
    private readonly checker: PermissionChecker,
  ) {}

  /**
   * Asks once for a request, however many guards want to know. `fields` are the request's path and query. Throws `permission-denied`, or `not-found` where the caller may not know
   * the organisation (both recorded as a denial), and `dependency-unavailable` where no decision can be had.
   */
  async enforce(
    request: FastifyRequest,
    required: RequiredPermission,
    fields: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const principal = await this.authenticator.authenticate(request);
    if (this.#passed.get(request) === required) return;
    const { permission, organizationId } = asked(required, fields);
    const { allowed, ...answer } = await this.checker.check({
      user_id: principal.id,
      subject_type: principal.kind === 'account' ? 'user' : 'client',
      org_id: organizationId ?? PLATFORM_ORGANIZATION_ID,
      permission,
    });
    if (!allowed) throw new PermissionDenied(permission, organizationId, answer);
    this.#passed.set(request, required);
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
