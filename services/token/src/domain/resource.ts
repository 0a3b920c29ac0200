import type { ResourceDescription } from '@gatehouse/contracts';

/** A service that tokens can be issued for: its identifier is the audience (RFC 8707). */
export interface Resource extends ResourceDescription {
  /** By which clients' policies and permissions name it. */
  readonly name: string;
}

export type Resources = readonly Resource[];

/** Gatehouse's own endpoints as a resource: what every token is for that names none. */
export const ISSUER_RESOURCE = 'token';

export function issuerResource(issuer: string): Resource {
  const open = { scopes: null, authorization_details_types: [] };
  return { name: ISSUER_RESOURCE, url: issuer, client_id: ISSUER_RESOURCE, ...open };
}

/** One trailing slash more or less is the same resource. */
export function isSameUrl(one: string, other: string): boolean {
  return withoutSlash(one) === withoutSlash(other);
}

/** The audiences of the services that a client is. */
export function ownAudiences(resources: Resources, clientId: string): string[] {
  return resources.filter(({ client_id }) => client_id === clientId).map(({ url }) => url);
}

function withoutSlash(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url;
}
