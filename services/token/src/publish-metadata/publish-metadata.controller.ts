import { Controller, Header } from '@nestjs/common';
import {
  readJwks,
  readOpenIdConfiguration,
  readServerMetadata,
  type OutputOf,
  type ServerMetadata,
} from '@gatehouse/contracts';
import { Endpoint } from '@gatehouse/http';
import { TokenSettings } from '../config.ts';
import { JWKS_MAX_AGE_S } from '../domain/key-lifecycle.ts';
import { KeyRing } from '../protocol/key-ring.ts';
import { serverMetadata } from './server-metadata.ts';

/** How long clients may keep these documents; keys are published longer than that before their first use. */
const CACHEABLE = `public, max-age=${JWKS_MAX_AGE_S}`;

@Controller()
export class PublishMetadataController {
  private readonly metadata: ServerMetadata;

  constructor(
    private readonly keys: KeyRing,
    settings: TokenSettings,
  ) {
    this.metadata = serverMetadata(settings);
  }

  @Endpoint(readOpenIdConfiguration)
  @Header('cache-control', CACHEABLE)
  openIdConfiguration(): ServerMetadata {
    return this.metadata;
  }

  @Endpoint(readServerMetadata)
  @Header('cache-control', CACHEABLE)
  serverMetadata(): ServerMetadata {
    return this.metadata;
  }

  @Endpoint(readJwks)
  @Header('cache-control', CACHEABLE)
  jwks(): OutputOf<typeof readJwks> {
    return { keys: [...this.keys.jwks] };
  }
}
