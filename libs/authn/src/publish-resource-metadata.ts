import { Controller, Header } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import {
  readAuditLogResourceMetadata,
  readAuthorizationResourceMetadata,
  readEmailVerificationResourceMetadata,
  readTokenResourceMetadata,
} from '@gatehouse/contracts';
import type { ResourceMetadata, Service } from '@gatehouse/contracts';
import { Endpoint } from '@gatehouse/http';
import { dpopAlgorithms } from './dpop/proof-key.ts';
import type { ResourceDescription } from './protected-resource.ts';

const MAX_AGE_S = 300;

const endpointOf: Readonly<Record<Service, typeof readTokenResourceMetadata>> = {
  token: readTokenResourceMetadata,
  authorization: readAuthorizationResourceMetadata,
  'audit-log': readAuditLogResourceMetadata,
  'email-verification': readEmailVerificationResourceMetadata,
};

export interface ResourceFeatures {
  readonly issuer: string;
  /** Whether the service verifies DPoP proofs. */
  readonly dpop: boolean;
}

/** RFC 9728 2. */
export function resourceMetadata(
  { url, scopes = [] }: ResourceDescription,
  { issuer, dpop }: ResourceFeatures,
): ResourceMetadata {
  return {
    resource: url,
    authorization_servers: [issuer],
    ...(scopes.length > 0 && { scopes_supported: [...scopes] }),
    bearer_methods_supported: ['header'],
    ...(dpop && { dpop_signing_alg_values_supported: [...dpopAlgorithms] }),
  };
}

/** The controller of a service's own metadata (RFC 9728 3). */
export function publishResourceMetadata(resource: ResourceDescription, features: ResourceFeatures): Type {
  const metadata = resourceMetadata(resource, features);

  @Controller()
  class PublishResourceMetadata {
    @Endpoint(endpointOf[resource.service])
    @Header('cache-control', `public, max-age=${MAX_AGE_S}`)
    read(): ResourceMetadata {
      return metadata;
    }
  }
  return PublishResourceMetadata;
}
