import type { ClientMetadata, ClientPolicy, clientChanged, DataOf } from '@gatehouse/contracts';
import type { Client } from './client.ts';
import { secretId } from './client-id.ts';

/** What is stored of a client's secrets: the hashes of all, and those that have to be recovered. */
export type StoredSecrets = Pick<Client, 'secretHashes' | 'sealedSecrets'>;

type Method = Pick<ClientMetadata, 'token_endpoint_auth_method'>;

/** Methods by which a client proves who it is with a secret. */
export function needsSecret({ token_endpoint_auth_method: method }: Method): boolean {
  return method === 'client_secret_basic' || method === 'client_secret_post' || method === 'client_secret_jwt';
}

/** OIDC Core 9: client_secret_jwt is an HMAC by the secret, which a hash of it cannot verify. */
export function needsRecoverableSecret({ token_endpoint_auth_method: method }: Method): boolean {
  return method === 'client_secret_jwt';
}

/** Which of a client's secrets go on with the method that it has from now on. */
export function servingSecrets(method: Method, { secretHashes, sealedSecrets }: StoredSecrets): StoredSecrets {
  if (!needsSecret(method)) return { secretHashes: [], sealedSecrets: [] };
  if (!needsRecoverableSecret(method)) return { secretHashes, sealedSecrets: [] };
  const recoverable = new Set(sealedSecrets.map((sealed) => sealed.secretId));
  return { secretHashes: secretHashes.filter((hash) => recoverable.has(secretId(hash))), sealedSecrets };
}

/** What events tell of a client. */
export function publicFacts(client: {
  readonly id: string;
  readonly metadata: ClientMetadata;
  readonly policy: ClientPolicy;
}): DataOf<typeof clientChanged> {
  const { metadata, policy } = client;
  const { application_type, token_endpoint_auth_method, grant_types, redirect_uris, scope } = metadata;
  return {
    client_id: client.id,
    client_name: metadata.client_name ?? null,
    application_type,
    token_endpoint_auth_method,
    grant_types,
    redirect_uris,
    scope,
    first_party: policy.first_party,
    pkce_required: policy.pkce_required,
  };
}
