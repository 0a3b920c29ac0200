import { allPermissions, authorizationCheck } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';

export interface BuiltInRole {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly permissions: readonly string[];
}

/** Roles of the platform organisation that `gatehouse migrate` keeps as they are here; the API cannot change them. */
export const platformAdministrator: BuiltInRole = {
  id: '00000000-0000-7000-8000-000000000001',
  name: 'platform-administrator',
  description: 'Everything on the platform and in every organisation.',
  // A wildcard covers no platform permission, so those are named.
  permissions: ['*:*', ...allPermissions.filter(({ scope }) => scope === 'platform').map(({ name }) => name)],
};
export const service: BuiltInRole = {
  id: '00000000-0000-7000-8000-000000000002',
  name: 'service',
  description: 'A service that enforces permissions: it may ask for those of everybody.',
  permissions: [authorizationCheck.name],
};
export const builtInRoles: readonly BuiltInRole[] = [platformAdministrator, service];

/** Throws `conflict` where the role belongs to Gatehouse. */
export function requireOwnRole(roleId: string): void {
  if (builtInRoles.some(({ id }) => id === roleId))
    throw new Problem('conflict', { detail: 'A built-in role cannot be changed or deleted.' });
}

/** The role that every organisation is created with. */
export const administrator = {
  name: 'administrator',
  description: 'Everything in this organisation.',
  permissions: ['*:*'],
} as const;
