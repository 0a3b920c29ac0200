import { Injectable } from '@nestjs/common';
import { Authenticator } from '@gatehouse/authn';
import type { Endpoint } from '@gatehouse/contracts';
import { AccessPolicy, requiredPermission } from '@gatehouse/http';
import type { AccessInput } from '@gatehouse/http';
import type { FastifyRequest } from 'fastify';
import { PermissionEnforcer } from './permission-enforcer.ts';

/** Enforces what the endpoints' declarations ask for: an access token, and the permission where one is named. */
@Injectable()
export class AuthorizationAccessPolicy extends AccessPolicy {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly enforcer: PermissionEnforcer,
  ) {
    super();
  }

  async authenticate(_endpoint: Endpoint, request: FastifyRequest): Promise<void> {
    await this.authenticator.authenticate(request);
  }

  async check(endpoint: Endpoint, request: FastifyRequest, { path, query }: AccessInput): Promise<void> {
    const required = requiredPermission(endpoint);
    if (!required) throw new Error(`${endpoint.id} names no permission`);
    await this.enforcer.enforce(request, required, { ...query, ...path });
  }
}
