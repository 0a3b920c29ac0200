import { Controller, Header } from '@nestjs/common';
import {
  readJwks,
  readOpenIdConfiguration,
  readServerMetadata,
  type OutputOf,
  type ServerMetadata,
} from '@gatehouse/contracts';
import { Endpoint } from '@gatehouse/http';
import { Problem } from '@gatehouse/problem';
import { TokenSettings } from '../config.ts';
import { knownTypes } from '../domain/authorization-details.ts';
import type { Resources } from '../domain/resource.ts';
import { JWKS_MAX_AGE_S } from '../domain/key-lifecycle.ts';
import { KeyRing } from '../protocol/key-ring.ts';
import { KnownResources } from '../protocol/known-resources.ts';
import { serverMetadata } from './server-metadata.ts';

/** How long clients may keep these documents; keys are published longer than that before their first use. */
const CACHEABLE = `public, max-age=${JWKS_MAX_AGE_S}`;

@Controller()
export class PublishMetadataController {
  private last: { readonly resources: Resources; readonly metadata: ServerMetadata } | undefined;

  constructor(
    private readonly keys: KeyRing,
    private readonly known: KnownResources,
    private readonly settings: TokenSettings,
  ) {}

  @Endpoint(readOpenIdConfiguration)
  @Header('cache-control', CACHEABLE)
  openIdConfiguration(): Promise<ServerMetadata> {
    return this.metadata();
  }

  @Endpoint(readServerMetadata)
  @Header('cache-control', CACHEABLE)
  serverMetadata(): Promise<ServerMetadata> {
    return this.metadata();
  }

  @Endpoint(readJwks)
  @Header('cache-control', CACHEABLE)
  jwks(): OutputOf<typeof readJwks> {
    return { keys: [...this.keys.jwks] };
  }

  private async metadata(): Promise<ServerMetadata> {
    const resources = await this.resources();
    if (this.last?.resources !== resources)
      this.last = { resources, metadata: serverMetadata(this.settings, knownTypes(resources)) };
    return this.last.metadata;
  }

  /** As they were when last they could be read: clients need the document most when something is away. */
  private async resources(): Promise<Resources> {
    try {
      return await this.known.current();
    } catch (error) {
      if (this.last && error instanceof Problem && error.code === 'dependency-unavailable') return this.last.resources;
      throw error;
    }
  }
}
