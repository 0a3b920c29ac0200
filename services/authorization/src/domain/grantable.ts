import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import type { PermissionScope } from './decide.ts';
import { isWildcard } from './permission-pattern.ts';
import type { PermissionPattern } from './permission-pattern.ts';

/** Why patterns cannot be granted in an organisation, or null where they can. `catalog` knows the scope of each name. */
export function refusalToGrant(
  organizationId: string,
  patterns: readonly PermissionPattern[],
  catalog: ReadonlyMap<string, PermissionScope>,
): string | null {
  const names = patterns.filter((pattern) => !isWildcard(pattern));
  const unknown = names.find((name) => !catalog.has(name));
  if (unknown) return `The permission ${unknown} is not in the catalog.`;
  if (organizationId === PLATFORM_ORGANIZATION_ID) return null;
  const platform = names.find((name) => catalog.get(name) === 'platform');
  return platform ? `The permission ${platform} can be granted in the platform organisation only.` : null;
}
