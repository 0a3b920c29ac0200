import type { ResourceDescription } from '@gatehouse/contracts';
import { ISSUER_RESOURCE, isSameUrl, type Resource } from './resource.ts';
import { ownScopes } from './scope.ts';

export interface ResourceRules {
  readonly issuer: string;
  /** What the settings declare, by name: their URLs are those of the settings. */
  readonly declaredResources: ReadonlyMap<string, string>;
}

interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

/** Everything that is wrong with a resource that an administrator describes. */
export function resourceFaults(name: string, described: ResourceDescription, rules: ResourceRules): Fault[] {
  const { url, scopes } = described;
  const own: readonly string[] = ownScopes;
  const named = (scopes ?? []).flatMap((scope, at) => (own.includes(scope.name) ? [at] : []));
  return [
    ...fault(name === ISSUER_RESOURCE, '#/name', 'is the name of this service itself'),
    ...fault(isSameUrl(url, rules.issuer), '#/url', 'is that of this service itself'),
    ...fault(hasFragment(url), '#/url', 'must have no fragment (RFC 8707 2)'),
    ...fault(hasUserInformation(url), '#/url', 'must have no user information'),
    ...fault(isMoved(name, url, rules), '#/url', 'must be that of the setting RESOURCES'),
    ...named.map((at) => ({ pointer: `#/scopes/${at}/name`, detail: 'is a scope of this service itself' })),
  ];
}

/** RFC 9396 2: whose details they are follows from their type alone. @returns pointers to types that others have */
export function takenTypes(name: string, described: ResourceDescription, others: readonly Resource[]): Fault[] {
  const taken = new Map(
    others
      .filter((other) => other.name !== name)
      .flatMap((other) => other.authorization_details_types.map(({ type }) => [type, other.name] as const)),
  );
  return described.authorization_details_types.flatMap(({ type }, at) =>
    fault(taken.has(type), `#/authorization_details_types/${at}/type`, `is a type of ${taken.get(type)}`),
  );
}

function isMoved(name: string, url: string, { declaredResources }: ResourceRules): boolean {
  const declared = declaredResources.get(name);
  return declared !== undefined && declared !== url;
}

function hasFragment(url: string): boolean {
  return url.includes('#');
}

function hasUserInformation(url: string): boolean {
  const { username, password } = new URL(url);
  return username !== '' || password !== '';
}

function fault(is: boolean, pointer: string, detail: string): Fault[] {
  return is ? [{ pointer, detail }] : [];
}
