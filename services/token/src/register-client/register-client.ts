import { Injectable } from '@nestjs/common';
import type { ClientInformation } from '@gatehouse/contracts';
import { OAuthError } from '@gatehouse/problem';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import { hashOf } from '../domain/opaque-token.ts';
import { ClientRegistry } from '../protocol/client-registry.ts';
import { KnownResources } from '../protocol/known-resources.ts';
import { SectorIdentifiers } from '../protocol/sector-identifiers.ts';
import { newToken } from '../protocol/new-token.ts';
import { InitialAccessTokens } from '../store/initial-access-tokens.ts';
import { bearerToken, tokenRefused } from './bearer-token.ts';
import { clientInformation } from './client-information.ts';
import { requestedMetadata } from './requested-metadata.ts';

/** RFC 7591: a client registers itself, never as a first party. */
@Injectable()
export class RegisterClient {
  constructor(
    private readonly registry: ClientRegistry,
    private readonly initialAccess: InitialAccessTokens,
    readonly sectors: SectorIdentifiers,
    readonly known: KnownResources,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /** Nothing of an initial access token is used up by a request that is refused. */
  async run(given: Readonly<Record<string, unknown>>, authorization: string | undefined): Promise<ClientInformation> {
    const { issuer, clientRegistration, registrationPkceRequired } = this.settings;
    if (clientRegistration === 'closed')
      throw new OAuthError('access_denied', 'clients are registered by an administrator', { status: 403 });
    const presented = bearerToken(authorization);
    const initial = clientRegistration === 'open' ? null : await this.permitted(presented);
    const metadata = await requestedMetadata(given, this.settings, this);
    const registrationToken = newToken('registration');
    const registered = await this.registry.register(
      { metadata, policy: { first_party: false, pkce_required: registrationPkceRequired } },
      { registered_by: initial === null ? 'anyone' : 'initial_access_token', initial_access_token_id: initial },
      {
        registrationToken,
        before: async (tx) => {
          if (initial !== null && !(await this.initialAccess.use(tx, initial, this.clock.now())))
            throw tokenRefused(presented);
        },
      },
    );
    return clientInformation({ ...registered, registrationToken, issuer });
  }

  /** The id of the initial access token. */
  private async permitted(presented: string | undefined): Promise<string> {
    const id =
      presented === undefined ? null : await this.initialAccess.findUsable(hashOf(presented), this.clock.now());
    if (id === null) throw tokenRefused(presented);
    return id;
  }
}
