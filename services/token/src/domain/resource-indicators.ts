import { OAuthError } from '@gatehouse/problem';
import type { Client } from './client.ts';
import { isSameUrl, type Resource, type Resources } from './resource.ts';
import { ownScopes } from './scope.ts';

export interface Targets {
  readonly resources: Resources;
  readonly client: Client;
}

/**
 * RFC 8707 2: the audiences that a request's `resource` parameters name, each once, in the spelling of the resource.
 * @throws OAuthError invalid_target for a URL that is no resource, or one that the client may not ask for
 */
export function requestedResources(requested: readonly string[], client: Client, resources: Resources): string[] {
  return [...new Set(requested.map((url) => audienceOf(url, client, resources)))];
}

/**
 * The audience of one access token: what this request names, within what was granted; else all that was granted; else
 * the issuer. A grant that named no resource may be used for any that its client may ask for. What was granted and is no
 * resource any more, or none of the client's, is gone from it.
 * @throws OAuthError invalid_target
 */
export function narrowAudience(
  requested: readonly string[],
  granted: readonly string[],
  issuer: string,
  { client, resources }: Targets,
): string[] {
  const beyond = granted.length > 0 && requested.some((url) => !granted.includes(url));
  if (beyond) throw new OAuthError('invalid_target', 'the resource was not part of the authorization');
  if (requested.length > 0) return [...requested];
  if (granted.length === 0) return [issuer];
  const left = granted.filter((url) => resources.some((one) => one.url === url && isAllowed(one, client)));
  if (left.length === 0) throw new OAuthError('invalid_target', 'the resource of the authorization is no longer there');
  return left;
}

/**
 * RFC 8707 2.2: what of `scope` a token for these audiences carries: what one of them takes, and what is Gatehouse's own.
 * What a grant has beyond that is left out of the token and stays in the grant.
 */
export function takenScope(scope: readonly string[], audience: readonly string[], resources: Resources): string[] {
  const targets = resources.filter(({ url }) => audience.includes(url));
  const own: readonly string[] = ownScopes;
  return scope.filter((name) => own.includes(name) || targets.some((target) => takes(target, name)));
}

/**
 * The same for a scope that the request names beside the resources: it asks for something that cannot be.
 * @throws OAuthError invalid_scope
 */
export function requireTakenScope(scope: readonly string[], audience: readonly string[], resources: Resources): void {
  const taken = takenScope(scope, audience, resources);
  const refused = scope.filter((name) => !taken.includes(name));
  if (refused.length > 0) throw new OAuthError('invalid_scope', `not a scope of the resource: ${refused.join(' ')}`);
}

function takes({ scopes }: Resource, name: string): boolean {
  return scopes === null || scopes.some((scope) => scope.name === name);
}

function audienceOf(url: string, client: Client, resources: Resources): string {
  const found = resources.find((one) => isSameUrl(one.url, url));
  if (found && isAllowed(found, client)) return found.url;
  throw new OAuthError('invalid_target', 'the resource is unknown or not allowed for this client');
}

function isAllowed({ name }: Resource, client: Client): boolean {
  return client.resources === null || client.resources.includes(name);
}
