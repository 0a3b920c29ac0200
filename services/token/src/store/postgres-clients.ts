import { Injectable } from '@nestjs/common';
import { clientMetadata, clientPolicy } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import { counter } from '@gatehouse/telemetry';
import type { Client, SealedSecret } from '../domain/client.ts';
import { CLIENT_KEPT_MS, Clients } from './clients.ts';
import { RememberedRows } from './remembered-rows.ts';

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

/** Remembers each client until a change of it is heard of (`follow-clients`). */
@Injectable()
export class PostgresClients implements Clients {
  private readonly rows = new RememberedRows<Client>({ keptMs: CLIENT_KEPT_MS, asked });

  constructor(private readonly database: Database) {}

  remembered(id: string): Client | undefined {
    return this.rows.get(id);
  }

  forget(id: string): void {
    this.rows.forget(id);
  }

  async find(id: string): Promise<Client | null> {
    const client = await this.rows.read(id, async () => {
      const [row] = await this.database.query<ClientRow>(
        `SELECT id, version, metadata, policy, secret_hashes AS "secretHashes", sealed_secrets AS "sealedSecrets"
         FROM client WHERE id = $1 AND disabled_at IS NULL`,
        [id],
      );
      return row && clientOf(row);
    });
    return client ?? null;
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
