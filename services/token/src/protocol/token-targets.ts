import { Injectable } from '@nestjs/common';
import type { TokenRequest } from '@gatehouse/contracts';
import { TokenSettings } from '../config.ts';
import type { Client } from '../domain/client.ts';
import { narrowTarget, type Granted, type TokenTarget } from '../domain/token-target.ts';
import { KnownResources } from './known-resources.ts';

/** Finds what a request at the token endpoint asks for within what was granted. */
@Injectable()
export class TokenTargets {
  constructor(
    private readonly known: KnownResources,
    private readonly settings: TokenSettings,
  ) {}

  /**
   * @param granted with the scope that the request names, where it names one
   * @throws OAuthError invalid_target, invalid_scope
   */
  async of(request: TokenRequest, client: Client, granted: Granted): Promise<TokenTarget> {
    const wish = { resource: request.resource ?? [], namesScope: request.scope !== undefined };
    const resources = await this.known.current();
    return narrowTarget(wish, granted, this.settings.issuer, { client, resources });
  }
}
