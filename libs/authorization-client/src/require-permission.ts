import { applyDecorators, Injectable, UseGuards } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Permission, PermissionName, RequiredPermission } from '@gatehouse/contracts';
import { requiredPermission, RouteKnows } from '@gatehouse/http';
import type { FastifyRequest } from 'fastify';
import { PermissionEnforcer } from './permission-enforcer.ts';

@Injectable()
class PermissionGuard implements CanActivate {
  constructor(private readonly enforcer: PermissionEnforcer) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { endpoint, required } = request.routeOptions.config;
    const asked = endpoint ? requiredPermission(endpoint) : required;
    if (!asked) return false; // not reached: the decorator says what is required, and the boot check compares it
    const fields = { ...(request.query as object), ...(request.params as object) };
    await this.enforcer.enforce(request, asked, fields);
    return true;
  }
}

/**
 * Guards a controller's method of any NestJS service on Fastify: 401 without a valid access token, 403 without the permission,
 * 503 where no decision can be had. `organization` names the path or query field that holds the organisation; without it, the
 * platform organisation is asked.
 *
 * On the handler of a declared endpoint it shows the permission that the declaration asks for, which stays the only source of
 * how it is asked: the service does not start where the two differ, and a request is still decided once.
 *
 * @example
 * @Get('/organizations/:org_id/invoices') @RequirePermission('invoice:read', { organization: 'org_id' })
 * @Endpoint(listMessages) @RequirePermission(mailRead)
 */
export function RequirePermission(
  permission: Permission | PermissionName,
  { organization }: { readonly organization?: string } = {},
): MethodDecorator {
  const declared: Permission =
    typeof permission === 'string' ? { name: permission, summary: '', scope: 'organization' } : permission;
  const required: RequiredPermission = { permission: declared, ...(organization !== undefined && { organization }) };
  return applyDecorators(RouteKnows({ required }), UseGuards(PermissionGuard));
}
