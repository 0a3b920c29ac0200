import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  clientChanged,
  clientRegistered,
  clientRemoved,
  clientSecretAdded,
  clientSecretRemoved,
  type ClientMetadata,
  type ClientPolicy,
  type DataOf,
} from '@gatehouse/contracts';
import { Database, type Tx } from '@gatehouse/database';
import { Outbox } from '@gatehouse/messaging';
import { needsSecret, publicFacts, servingSecrets, type StoredSecrets } from '../domain/client-change.ts';
import { clientId, secretId } from '../domain/client-id.ts';
import { hashOf } from '../domain/opaque-token.ts';
import { ClientRecords, type ClientRecord } from '../store/client-records.ts';
import { Clients } from '../store/clients.ts';
import { ClientSecrets } from './client-secrets.ts';
import { newToken } from './new-token.ts';
import { clientKeys, Revoker } from './revoker.ts';

/** What a client is asked to be. */
export interface ClientDescription {
  readonly metadata: ClientMetadata;
  readonly policy: ClientPolicy;
}

const NO_SECRETS: StoredSecrets = { secretHashes: [], sealedSecrets: [] };

type Registrar = Pick<DataOf<typeof clientRegistered>, 'registered_by' | 'initial_access_token_id'>;

/** A client with the secret that was just made for it. */
export interface WithSecret {
  readonly client: ClientRecord;
  /** Null where none was made. */
  readonly secret: string | null;
}

/** Every change of a client, whoever makes it: one transaction with its events. */
@Injectable()
export class ClientRegistry {
  constructor(
    private readonly records: ClientRecords,
    private readonly clients: Clients,
    private readonly secrets: ClientSecrets,
    private readonly revoker: Revoker,
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  /** `before` runs in the transaction and may refuse; `registrationToken` lets the client manage itself. */
  async register(
    { metadata, policy }: ClientDescription,
    by: Registrar,
    {
      before,
      registrationToken,
    }: { readonly before?: (tx: Tx) => Promise<void>; readonly registrationToken?: string } = {},
  ): Promise<WithSecret> {
    const id = clientId(randomBytes(16));
    const secret = needsSecret(metadata) ? newToken('secret') : null;
    const client = await this.database.change([id], async (tx) => {
      await before?.(tx);
      const added = await this.records.add(tx, {
        id,
        metadata,
        policy,
        ...(secret === null ? NO_SECRETS : this.secrets.stored(secret, { id, metadata })),
        registrationTokenHash: registrationToken === undefined ? null : hashOf(registrationToken),
      });
      await this.outbox.append(tx, clientRegistered, { ...publicFacts(added), ...by });
      return added;
    });
    return { client, secret };
  }

  /** A client that nobody registered, under the id that it has already; never a first party. */
  async adopt(tx: Tx, id: string, metadata: ClientMetadata): Promise<void> {
    const policy = { first_party: false, pkce_required: true };
    const added = await this.records.add(tx, { id, metadata, policy, ...NO_SECRETS, registrationTokenHash: null });
    const by = { registered_by: 'anyone', initial_access_token_id: null } as const;
    await this.outbox.append(tx, clientRegistered, { ...publicFacts(added), ...by });
  }

  /** Runs `work` alone with this client, as it is now, or undefined; this instance forgets what it remembered of it. */
  change<T>(id: string, work: (tx: Tx, client: ClientRecord | undefined) => Promise<T>): Promise<T> {
    return this.database.change(clientKeys(id), async (tx) => {
      tx.afterCommit(() => this.clients.forget(id));
      return work(tx, await this.records.find(id, tx));
    });
  }

  /** Replaces metadata and policy; a secret is made, or all are dropped, where the new method asks for it. */
  async describe(tx: Tx, client: ClientRecord, description: ClientDescription): Promise<WithSecret> {
    const { metadata, policy } = description;
    const serving = servingSecrets(metadata, client);
    const secret = needsSecret(metadata) && serving.secretHashes.length === 0 ? newToken('secret') : null;
    const secrets = secret === null ? serving : this.secrets.stored(secret, { id: client.id, metadata });
    const changed = await this.records.save(tx, { ...client, metadata, policy, ...secrets });
    await this.outbox.append(tx, clientChanged, publicFacts(changed));
    await this.tellSecrets(tx, client, changed);
    return { client: changed, secret };
  }

  /** A further secret beside those that the client has. */
  async addSecret(tx: Tx, client: ClientRecord): Promise<string> {
    const secret = newToken('secret');
    const { secretHashes, sealedSecrets } = this.secrets.stored(secret, client);
    await this.setSecrets(tx, client, {
      secretHashes: [...client.secretHashes, ...secretHashes],
      sealedSecrets: [...client.sealedSecrets, ...sealedSecrets],
    });
    return secret;
  }

  async removeSecret(tx: Tx, client: ClientRecord, id: string): Promise<void> {
    await this.setSecrets(tx, client, {
      secretHashes: client.secretHashes.filter((hash) => secretId(hash) !== id),
      sealedSecrets: client.sealedSecrets.filter((sealed) => sealed.secretId !== id),
    });
  }

  private async setSecrets(tx: Tx, client: ClientRecord, secrets: StoredSecrets): Promise<void> {
    await this.tellSecrets(tx, client, await this.records.save(tx, { ...client, ...secrets }));
  }

  /** Its access tokens are revoked; everything else that it held goes with it. */
  async remove(tx: Tx, { id, version }: ClientRecord): Promise<void> {
    await this.records.remove(tx, id);
    await this.outbox.append(tx, clientRemoved, { client_id: id });
    await this.revoker.revokeClient(tx, { id, version: version + 1 }, 'requested');
  }

  private async tellSecrets(tx: Tx, before: ClientRecord, after: ClientRecord): Promise<void> {
    const [old, now] = [before.secretHashes.map(secretId), after.secretHashes.map(secretId)];
    const client_id = after.id;
    for (const secret_id of now)
      if (!old.includes(secret_id)) await this.outbox.append(tx, clientSecretAdded, { client_id, secret_id });
    for (const secret_id of old)
      if (!now.includes(secret_id)) await this.outbox.append(tx, clientSecretRemoved, { client_id, secret_id });
  }
}
