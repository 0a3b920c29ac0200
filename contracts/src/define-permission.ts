/** `resource:action`. */
export type PermissionName = `${string}:${string}`;

export interface Permission<N extends PermissionName = PermissionName> {
  readonly name: N;
  readonly summary: string;
  /** `platform` permissions are asked in the platform organisation and never matched by a wildcard. */
  readonly scope: 'organization' | 'platform';
}

/** Declares a permission once; an endpoint names it, a role grants it, `test/permission-matrix.yaml` has its row. */
export function definePermission<const N extends PermissionName>(permission: Permission<N>): Permission<N> {
  return permission;
}
