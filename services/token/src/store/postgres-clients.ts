import { Injectable } from '@nestjs/common';
import { clientMetadata, clientPolicy } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import { counter } from '@gatehouse/telemetry';
import type { Client, SealedSecret } from '../domain/client.ts';
import { CLIENT_KEPT_MS, Clients } from './clients.ts';

const KEPT_CLIENTS_MAX = 10_000;

const asked = counter({
  name: 'client_cache_requests_total',
  help: 'Questions for a remembered client, by whether it was remembered; the ratio of `hit` is the hit ratio.',
  labels: ['outcome'],
});

interface ClientRow {
  readonly id: string;
  readonly version: number;
  readonly metadata: unknown;
  readonly policy: unknown;
  readonly secretHashes: readonly Buffer[];
  readonly sealedSecrets: readonly SealedSecret[];
}

/**
 * Remembers each client for CLIENT_KEPT_MS at most, and not longer than it takes to hear of a change of it
 * (`follow-clients`). An unknown id is never remembered, so strangers cannot fill the memory.
 */
@Injectable()
export class PostgresClients implements Clients {
  private readonly kept = new Map<string, { readonly client: Client; readonly untilMs: number }>();

  /** Raised by every `forget`: what was read before it must not be kept after it. */
  private forgotten = 0;

  constructor(private readonly database: Database) {}

  remembered(id: string): Client | undefined {
    const kept = this.kept.get(id);
    const client = kept && kept.untilMs > performance.now() ? kept.client : undefined;
    asked.inc({ outcome: client ? 'hit' : 'miss' });
    return client;
  }

  forget(id: string): void {
    this.forgotten += 1;
    this.kept.delete(id);
  }

  async find(id: string): Promise<Client | null> {
    const forgotten = this.forgotten;
    const [row] = await this.database.query<ClientRow>(
      `SELECT id, version, metadata, policy, secret_hashes AS "secretHashes", sealed_secrets AS "sealedSecrets"
       FROM client WHERE id = $1 AND disabled_at IS NULL`,
      [id],
    );
    const client = row && clientOf(row);
    this.kept.delete(id);
    if (client && forgotten === this.forgotten) this.keep(client);
    return client ?? null;
  }

  private keep(client: Client): void {
    const [oldest] = this.kept.keys();
    if (this.kept.size >= KEPT_CLIENTS_MAX && oldest !== undefined) this.kept.delete(oldest);
    this.kept.set(client.id, { client, untilMs: performance.now() + CLIENT_KEPT_MS });
  }
}

/** Members that the row leaves out have the values that the declaration gives them. */
function clientOf({ id, version, secretHashes, sealedSecrets, ...row }: ClientRow): Client {
  const { redirect_uris, grant_types, scope, ...metadata } = clientMetadata.parse(row.metadata);
  const policy = clientPolicy.parse(row.policy);
  return {
    id,
    version,
    secretHashes,
    sealedSecrets,
    redirectUris: redirect_uris,
    grantTypes: grant_types,
    scopes: scope.split(' ').filter(Boolean),
    resources: policy.resources ?? null,
    metadata,
    mayAct: policy.may_act ?? null,
    firstParty: policy.first_party,
    pkceRequired: policy.pkce_required,
    securityProfile: policy.security_profile ?? null,
  };
}
