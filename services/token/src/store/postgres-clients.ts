import { Injectable } from '@nestjs/common';
import { clientMetadata, clientPolicy } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import type { Client } from '../domain/client.ts';
import { Clients } from './clients.ts';

const KEPT_MS = 30_000;
const KEPT_CLIENTS_MAX = 10_000;

interface ClientRow {
  readonly id: string;
  readonly version: number;
  readonly metadata: unknown;
  readonly policy: unknown;
  readonly secretHashes: readonly Buffer[];
}

/** Remembers each client for half a minute; an unknown id is never remembered, so strangers cannot fill the memory. */
@Injectable()
export class PostgresClients implements Clients {
  private readonly kept = new Map<string, { readonly client: Client; readonly untilMs: number }>();

  constructor(private readonly database: Database) {}

  remembered(id: string): Client | undefined {
    const kept = this.kept.get(id);
    return kept && kept.untilMs > performance.now() ? kept.client : undefined;
  }

  async find(id: string): Promise<Client | null> {
    const [row] = await this.database.query<ClientRow>(
      `SELECT id, version, metadata, policy, secret_hashes AS "secretHashes" FROM client WHERE id = $1 AND disabled_at IS NULL`,
      [id],
    );
    const client = row && clientOf(row);
    this.kept.delete(id);
    if (client) this.keep(client);
    return client ?? null;
  }

  private keep(client: Client): void {
    const [oldest] = this.kept.keys();
    if (this.kept.size >= KEPT_CLIENTS_MAX && oldest !== undefined) this.kept.delete(oldest);
    this.kept.set(client.id, { client, untilMs: performance.now() + KEPT_MS });
  }
}

/** Members that the row leaves out have the values that the declaration gives them. */
function clientOf({ id, version, secretHashes, ...row }: ClientRow): Client {
  const { redirect_uris, grant_types, scope, ...metadata } = clientMetadata.parse(row.metadata);
  const policy = clientPolicy.parse(row.policy);
  return {
    id,
    version,
    secretHashes,
    redirectUris: redirect_uris,
    grantTypes: grant_types,
    scopes: scope.split(' ').filter(Boolean),
    resources: policy.resources ?? null,
    metadata,
    firstParty: policy.first_party,
    pkceRequired: policy.pkce_required,
    securityProfile: policy.security_profile ?? null,
  };
}
