/** What a role or a grant carries: `resource:action`, where `*` stands for one whole segment. `*` alone means `*:*`. */
export type PermissionPattern = string;

/** The one spelling of a pattern under which it is stored and compared. */
export function normalizePattern(pattern: PermissionPattern): PermissionPattern {
  return pattern === '*' ? '*:*' : pattern;
}

export function isWildcard(pattern: PermissionPattern): boolean {
  return pattern.includes('*');
}

/** Every normalized pattern that covers the permission `resource:action`, itself first. */
export function patternsCovering(permission: string): readonly PermissionPattern[] {
  const [resource, action] = permission.split(':') as [string, string];
  return [permission, `${resource}:*`, `*:${action}`, '*:*'];
}
