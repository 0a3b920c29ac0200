import { patternsCovering } from './permission-pattern.ts';
import type { PermissionPattern } from './permission-pattern.ts';

export type Effect = 'allow' | 'deny';
/** Where a permission is asked: `platform` ones in the platform organisation only. */
export type PermissionScope = 'organization' | 'platform';

/** One pattern that a subject holds, and through which grant. */
export interface HeldPermission {
  readonly grantId: string;
  /** The role that carries the pattern; null where the grant names it itself. */
  readonly roleId: string | null;
  readonly pattern: PermissionPattern;
  readonly effect: Effect;
}

/**
 * What a subject holds in one organisation at one instant, grants of the platform organisation included: they count in every
 * organisation. It may be cut down to the patterns that cover the permission in question.
 */
export type PermissionSet = readonly HeldPermission[];

export interface DecisionRequest {
  readonly permission: { readonly name: string; readonly scope: PermissionScope };
  /** Whether the platform organisation is asked. */
  readonly inPlatformOrganization: boolean;
}

export interface Decision {
  readonly allowed: boolean;
  /** What decided: the deny that won, or the allow; null where nothing covers the permission. */
  readonly by: HeldPermission | null;
}

/**
 * Deny wins over every allow, and what nothing allows is denied. A wildcard covers no platform permission, whichever its
 * effect, and outside the platform organisation nobody has one.
 */
export function decide(set: PermissionSet, { permission, inPlatformOrganization }: DecisionRequest): Decision {
  const isPlatform = permission.scope === 'platform';
  if (isPlatform && !inPlatformOrganization) return { allowed: false, by: null };
  const patterns = isPlatform ? [permission.name] : patternsCovering(permission.name);
  const covering = set.filter((held) => patterns.includes(held.pattern));
  const by = covering.find((held) => held.effect === 'deny') ?? covering[0] ?? null;
  return { allowed: by?.effect === 'allow', by };
}
