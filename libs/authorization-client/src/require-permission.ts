import { applyDecorators, Injectable, SetMetadata, UseGuards } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Authenticator } from '@gatehouse/authn';
import type { Permission, PermissionName, RequiredPermission } from '@gatehouse/contracts';
import type { FastifyRequest } from 'fastify';
import { PermissionEnforcer } from './permission-enforcer.ts';

const REQUIRED = Symbol('required permission');

@Injectable()
class PermissionGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
    private readonly enforcer: PermissionEnforcer,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const required = this.reflector.get<RequiredPermission>(REQUIRED, context.getHandler());
    const principal = await this.authenticator.authenticate(request);
    const fields = { ...(request.query as object), ...(request.params as object) };
    await this.enforcer.enforce(principal, required, fields);
    return true;
  }
}

/**
 * Guards a controller's method of any NestJS service on Fastify: 401 without a valid access token, 403 without the permission,
 * 503 where no decision can be had. `organization` names the path or query field that holds the organisation; without it, the
 * platform organisation is asked. Endpoints that are declared in contracts name their permission there instead.
 *
 * @example
 * @Get('/organizations/:org_id/invoices') @RequirePermission('invoice:read', { organization: 'org_id' })
 */
export function RequirePermission(
  permission: Permission | PermissionName,
  { organization }: { readonly organization?: string } = {},
): MethodDecorator {
  const declared: Permission =
    typeof permission === 'string' ? { name: permission, summary: '', scope: 'organization' } : permission;
  const required: RequiredPermission = { permission: declared, ...(organization !== undefined && { organization }) };
  return applyDecorators(SetMetadata(REQUIRED, required), UseGuards(PermissionGuard));
}
