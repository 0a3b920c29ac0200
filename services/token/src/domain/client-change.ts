import type { ClientMetadata, ClientPolicy, clientChanged, DataOf } from '@gatehouse/contracts';

/** Methods by which a client proves who it is with a secret that is stored as its hash. */
export function needsSecret({ token_endpoint_auth_method: method }: ClientMetadata): boolean {
  return method === 'client_secret_basic' || method === 'client_secret_post';
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
