import {
  audiencesOf,
  detailsFor,
  invalid,
  liveDetails,
  narrowedDetails,
  requestedDetails,
  type AuthorizationDetail,
} from './authorization-details.ts';
import {
  narrowAudience,
  requestedResources,
  requireTakenScope,
  takenScope,
  type Targets,
} from './resource-indicators.ts';
import { requestedScope } from './scope.ts';

/** What one access token is for, and what it carries. */
export interface TokenTarget {
  readonly audience: string[];
  readonly scope: string[];
  readonly authorizationDetails: readonly AuthorizationDetail[];
}

/** What the token may be for at most. */
export interface Granted {
  /** None leaves it open. */
  readonly resources: readonly string[];
  readonly scope: readonly string[];
  readonly authorizationDetails: readonly AuthorizationDetail[];
}

/** What a client names that wants to be allowed something by a person. */
export interface AccessRequest {
  readonly scope?: string | undefined;
  readonly resource?: readonly string[] | undefined;
  readonly authorization_details?: string | undefined;
}

export interface TargetWish {
  /** RFC 8707 2.2. */
  readonly resource: readonly string[];
  /** Whether the request itself names the scope, or it is all that was granted. */
  readonly namesScope: boolean;
  /** RFC 9396 6; undefined for all that was granted. */
  readonly authorizationDetails: string | undefined;
}

/**
 * RFC 8707 2.2: what is asked for is a scope of one of the resources that are named, where any are. Details name the resource
 * of their type (RFC 9396 2.2).
 * @throws OAuthError invalid_target, invalid_scope, invalid_authorization_details
 */
export function requestedAccess(request: AccessRequest, targets: Targets): Granted {
  const { client, resources: known } = targets;
  const scope = requestedScope(request.scope, client.scopes);
  const authorizationDetails = requestedDetails(request.authorization_details, targets);
  const named = requestedResources(request.resource ?? [], client, known);
  const resources = [...new Set([...named, ...audiencesOf(authorizationDetails, known)])];
  if (resources.length > 0) requireTakenScope(scope, resources, known);
  return { scope, resources, authorizationDetails };
}

/** @throws OAuthError invalid_target, invalid_scope, invalid_authorization_details */
export function narrowTarget(wish: TargetWish, granted: Granted, issuer: string, targets: Targets): TokenTarget {
  const { client, resources } = targets;
  const requested = requestedResources(wish.resource, client, resources);
  const audience = narrowAudience(requested, granted.resources, issuer, targets);
  if (wish.namesScope) requireTakenScope(granted.scope, audience, resources);
  const scope = takenScope(granted.scope, audience, resources);
  return { audience, scope, authorizationDetails: detailsOf(wish, granted, audience, targets) };
}

/** What a client asks for itself: details name their resources (RFC 9396 2.2), and nobody has granted any before. */
export function ownTarget(
  wish: TargetWish,
  granted: Omit<Granted, 'resources'>,
  issuer: string,
  targets: Targets,
): TokenTarget {
  const named = audiencesOf(granted.authorizationDetails, targets.resources);
  const resource = [...wish.resource, ...named];
  return narrowTarget(
    { ...wish, resource, authorizationDetails: undefined },
    { ...granted, resources: [] },
    issuer,
    targets,
  );
}

/** Left out where they are for another resource; refused where the request names them all the same. */
function detailsOf(wish: TargetWish, granted: Granted, audience: readonly string[], targets: Targets) {
  const live = liveDetails(granted.authorizationDetails, targets);
  if (wish.authorizationDetails === undefined) return detailsFor(audience, live, targets.resources);
  const named = narrowedDetails(wish.authorizationDetails, live);
  const taken = detailsFor(audience, named, targets.resources);
  if (taken.length < named.length) throw invalid('authorization_details are of another resource');
  return taken;
}
