import type { ClientResource } from '@gatehouse/contracts';
import { secretId } from '../domain/client-id.ts';
import type { ClientRecord } from '../store/client-records.ts';

/** A client as the API shows it: without its secrets. */
export function clientResource(client: ClientRecord): ClientResource {
  const { id, metadata, policy, secretHashes, disabledAt, version, createdAt, updatedAt } = client;
  return {
    client_id: id,
    metadata,
    policy,
    secrets: secretHashes.map((hash) => ({ id: secretId(hash) })),
    disabled_at: disabledAt?.toISOString() ?? null,
    version,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  };
}

/** The same with the secret that the request made, which nothing shows again. */
export function withSecret({ client, secret }: { readonly client: ClientRecord; readonly secret: string | null }) {
  return { ...clientResource(client), ...(secret !== null && { client_secret: secret }) };
}
