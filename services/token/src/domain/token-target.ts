import {
  narrowAudience,
  requestedResources,
  requireTakenScope,
  takenScope,
  type Targets,
} from './resource-indicators.ts';

/** What one access token is for, and what it carries. */
export interface TokenTarget {
  readonly audience: string[];
  readonly scope: string[];
}

/** What the token may be for at most. */
export interface Granted {
  /** None leaves it open. */
  readonly resources: readonly string[];
  readonly scope: readonly string[];
}

export interface TargetWish {
  /** RFC 8707 2.2. */
  readonly resource: readonly string[];
  /** Whether the request itself names the scope, or it is all that was granted. */
  readonly namesScope: boolean;
}

/** @throws OAuthError invalid_target, invalid_scope */
export function narrowTarget(wish: TargetWish, granted: Granted, issuer: string, targets: Targets): TokenTarget {
  const { client, resources } = targets;
  const requested = requestedResources(wish.resource, client, resources);
  const audience = narrowAudience(requested, granted.resources, issuer, targets);
  if (wish.namesScope) requireTakenScope(granted.scope, audience, resources);
  return { audience, scope: takenScope(granted.scope, audience, resources) };
}
