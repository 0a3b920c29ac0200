import type { Service } from '@gatehouse/contracts';

/** The service as RFC 9728 describes it to clients. */
export interface ResourceDescription {
  readonly service: Service;
  /** Its base URL as its callers see it, which is the audience of its tokens. */
  readonly url: string;
  /** Scopes that its endpoints look at; where permissions decide instead, none. */
  readonly scopes?: readonly string[];
}

/** Where clients learn how to get tokens for this service. */
export class ProtectedResource {
  /** What a challenge says about it (RFC 9728 5.1); empty where the service does not describe itself. */
  readonly challengeParameters: readonly string[];

  constructor(resource: Pick<ResourceDescription, 'url'> | undefined) {
    this.challengeParameters = resource ? [`resource_metadata="${metadataUrl(resource.url)}"`] : [];
  }
}

/** RFC 9728 3.1: the well-known segment goes between the host and the resource's own path. */
function metadataUrl(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}`;
}
