import { OAuthError } from '@gatehouse/problem';
import type { Client } from './client.ts';

/** The services that tokens can be issued for: each one's name and its public URL, which is the audience. */
export type Resources = ReadonlyMap<string, string>;

/**
 * RFC 8707 2: the audiences that a request's `resource` parameters name, each once, in the spelling of the setting.
 * One trailing slash more or less is the same resource.
 * @throws OAuthError invalid_target for a URL that is no resource, or one that the client may not ask for
 */
export function requestedResources(requested: readonly string[], client: Client, resources: Resources): string[] {
  return [...new Set(requested.map((url) => audienceOf(url, client, resources)))];
}

/**
 * The audience of one access token: what this request names, within what was granted; else all that was granted; else
 * the issuer. A grant that named no resource may be used for any that its client may ask for.
 */
export function narrowAudience(requested: readonly string[], granted: readonly string[], issuer: string): string[] {
  const beyond = granted.length > 0 && requested.some((url) => !granted.includes(url));
  if (beyond) throw new OAuthError('invalid_target', 'the resource was not part of the authorization');
  if (requested.length > 0) return [...requested];
  return granted.length > 0 ? [...granted] : [issuer];
}

function audienceOf(url: string, client: Client, resources: Resources): string {
  for (const [name, audience] of resources) {
    if (withoutSlash(audience) !== withoutSlash(url)) continue;
    if (client.resources === null || client.resources.includes(name)) return audience;
  }
  throw new OAuthError('invalid_target', 'the resource is unknown or not allowed for this client');
}

function withoutSlash(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url;
}
