import { Injectable } from '@nestjs/common';
import type { ClientInformation, ClientMetadata } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import { OAuthError } from '@gatehouse/problem';
import { setActor } from '@gatehouse/telemetry';
import { TokenSettings } from '../config.ts';
import { hasHash, hashOf } from '../domain/opaque-token.ts';
import { ClientRegistry } from '../protocol/client-registry.ts';
import { KnownResources } from '../protocol/known-resources.ts';
import { SectorIdentifiers } from '../protocol/sector-identifiers.ts';
import { newToken } from '../protocol/new-token.ts';
import type { ClientRecord } from '../store/client-records.ts';
import { bearerToken, tokenRefused } from './bearer-token.ts';
import { clientInformation } from './client-information.ts';
import { requestedMetadata } from './requested-metadata.ts';

/** RFC 7592 2.2: members that the server says and the client must not. */
const SERVER_MEMBERS = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
];

/** What a request names itself by. */
export interface PresentedRegistration {
  readonly clientId: string;
  readonly authorization: string | undefined;
}

/**
 * RFC 7592: a client manages its own registration by its registration access token. An unknown client, one that did not
 * register itself, a disabled one and a wrong token get the same answer.
 */
@Injectable()
export class ManageRegistration {
  constructor(
    private readonly registry: ClientRegistry,
    readonly sectors: SectorIdentifiers,
    readonly known: KnownResources,
    private readonly settings: TokenSettings,
  ) {}

  read(presented: PresentedRegistration): Promise<ClientInformation> {
    const { issuer } = this.settings;
    return this.asItself(presented, (_tx, client, registrationToken) =>
      Promise.resolve(clientInformation({ client, secret: null, registrationToken, issuer })),
    );
  }

  /** The old registration access token is over with the answer (RFC 7592 3). */
  async change(presented: PresentedRegistration, given: Readonly<Record<string, unknown>>): Promise<ClientInformation> {
    const { issuer } = this.settings;
    // Nothing is fetched for a stranger, and nothing while the client is locked.
    await this.asItself(presented, (_tx, client) => Promise.resolve(requireOwn(client, given)));
    const metadata = await requestedMetadata(given, this.settings, this);
    return this.asItself(presented, async (tx, client) => {
      requireOwn(client, given);
      requireAllowedTypes(client, metadata);
      const registrationToken = newToken('registration');
      const renewed = { ...client, registrationTokenHash: hashOf(registrationToken) };
      const changed = await this.registry.describe(tx, renewed, { metadata, policy: client.policy });
      return clientInformation({ ...changed, registrationToken, issuer });
    });
  }

  remove(presented: PresentedRegistration): Promise<void> {
    return this.asItself(presented, (tx, client) => this.registry.remove(tx, client));
  }

  private async asItself<T>(
    { clientId, authorization }: PresentedRegistration,
    work: (tx: Tx, client: ClientRecord, token: string) => Promise<T>,
  ): Promise<T> {
    const token = bearerToken(authorization);
    if (token === undefined) throw tokenRefused(token);
    return this.registry.change(clientId, async (tx, client) => {
      const hash = client?.registrationTokenHash ?? null;
      if (!client || hash === null || client.disabledAt || !hasHash(token, hash)) throw tokenRefused(token);
      setActor('client', client.id);
      return work(tx, client, token);
    });
  }
}

/** Nobody is asked about a first party, so it may ask for no more in detail than an administrator knew of. */
function requireAllowedTypes(
  { policy, metadata }: ClientRecord,
  { authorization_details_types: types }: ClientMetadata,
) {
  const allowed = metadata.authorization_details_types ?? [];
  if (policy.first_party && types?.some((type) => !allowed.includes(type)) === true)
    throw new OAuthError('invalid_client_metadata', 'authorization_details_types is for an administrator to extend');
}

function requireOwn(client: ClientRecord, given: Readonly<Record<string, unknown>>): void {
  const said = SERVER_MEMBERS.filter((member) => member in given);
  if (said.length > 0) throw new OAuthError('invalid_client_metadata', `must not have ${said.join(', ')}`);
  if (given['client_id'] !== client.id) throw new OAuthError('invalid_client_metadata', 'client_id must be its own');
  const secret = given['client_secret'] ?? null;
  const own = typeof secret === 'string' && client.secretHashes.some((hash) => hasHash(secret, hash));
  if (secret !== null && !own) throw new OAuthError('invalid_client_metadata', 'client_secret must be its own');
}
