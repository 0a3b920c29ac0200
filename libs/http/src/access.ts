import type { Endpoint, RequiredPermission } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import type { FastifyRequest } from 'fastify';

/** What of the input is parsed before the permission is asked: enough to know the organisation. */
export interface AccessInput {
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
}

/**
 * Decides who may call an endpoint that is neither `public` nor `client`. libs/authn and libs/authorization-client
 * implement it; where no module provides one, every such call is refused.
 */
export abstract class AccessPolicy {
  /**
   * Identifies the caller by its access token, before the body is read, and names it with `setActor`. Throws
   * `Problem('unauthenticated')` where there is no valid token.
   */
  abstract authenticate(endpoint: Endpoint, request: FastifyRequest): Promise<void>;

  /** Called after `authenticate` where `endpoint.access` asks for a permission. Throws `PermissionDenied`. */
  abstract check(endpoint: Endpoint, request: FastifyRequest, input: AccessInput): Promise<void>;
}

interface DenialOptions {
  readonly hidden?: boolean | undefined;
  readonly belongs?: boolean | undefined;
}

/**
 * A denial that says, to the audit log only, which permission was missing and where. `hidden`: the caller may not know that
 * the thing exists, and gets the 404 of a missing one instead of the 403; the audit log learns of both alike. `belongs`: the
 * caller belongs to the organisation, whose own log then gets the denial.
 */
export class PermissionDenied extends Problem {
  override readonly name = 'PermissionDenied';
  readonly belongs: boolean;

  constructor(
    readonly permission: string,
    /** Null for the platform. */
    readonly organizationId: string | null,
    { hidden = false, belongs = false }: DenialOptions = {},
  ) {
    super(hidden ? 'not-found' : 'permission-denied');
    this.belongs = belongs;
  }
}

/** The permission that an endpoint asks for, if any. */
export function requiredPermission(endpoint: Endpoint): RequiredPermission | undefined {
  return typeof endpoint.access === 'object' ? endpoint.access : undefined;
}

/** Whether a call needs an access token. */
export function needsToken(endpoint: Endpoint): boolean {
  return endpoint.access !== 'public' && endpoint.access !== 'client';
}

/** Fails closed: what no policy has allowed is refused. */
export class RefuseAll extends AccessPolicy {
  authenticate(): Promise<void> {
    return Promise.reject(new Problem('unauthenticated', { cause: new Error('No AccessPolicy is provided') }));
  }

  check(): Promise<void> {
    return this.authenticate();
  }
}
