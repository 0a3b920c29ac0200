import type { PermissionName } from './define-permission.ts';

/**
 * The permission to exchange tokens (RFC 8693) for those that the service of this name takes. Those of our own services are in
 * `permissions.ts`; an application registers that of its own resource.
 */
export function exchangePermission<const N extends string>(resource: N): `token-exchange:${N}` {
  return `token-exchange:${resource}` satisfies PermissionName;
}
