import { Injectable } from '@nestjs/common';
import type { TokenRequest } from '@gatehouse/contracts';
import { TokenSettings } from '../config.ts';
import { requestedDetails } from '../domain/authorization-details.ts';
import type { Client } from '../domain/client.ts';
import { narrowTarget, ownTarget, type Granted, type TargetWish, type TokenTarget } from '../domain/token-target.ts';
import { KnownResources } from './known-resources.ts';

/** Finds what a request at the token endpoint asks for within what may be given. */
@Injectable()
export class TokenTargets {
  constructor(
    private readonly known: KnownResources,
    private readonly settings: TokenSettings,
  ) {}

  /**
   * Within a grant.
   * @param granted with the scope that the request names, where it names one
   * @throws OAuthError invalid_target, invalid_scope, invalid_authorization_details
   */
  async of(request: TokenRequest, client: Client, granted: Granted): Promise<TokenTarget> {
    const resources = await this.known.current();
    return narrowTarget(wishOf(request), granted, this.settings.issuer, { client, resources });
  }

  /** For the client itself, with a scope that it may ask for. @throws OAuthError like `of` */
  async own(request: TokenRequest, client: Client, scope: readonly string[]): Promise<TokenTarget> {
    const targets = { client, resources: await this.known.current() };
    const authorizationDetails = requestedDetails(request.authorization_details, targets);
    return ownTarget(wishOf(request), { scope, authorizationDetails }, this.settings.issuer, targets);
  }
}

function wishOf({ resource = [], scope, authorization_details: authorizationDetails }: TokenRequest): TargetWish {
  return { resource, namesScope: scope !== undefined, authorizationDetails };
}
