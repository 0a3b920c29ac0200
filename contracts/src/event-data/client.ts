import { z } from 'zod';
import { clientMetadata } from '../client-metadata.ts';

const { application_type, token_endpoint_auth_method, grant_types, redirect_uris, scope } = clientMetadata.shape;

/** What events tell of a client: what counts for security and is no secret. */
export const clientData = z.object({
  client_id: z.string(),
  client_name: z.string().nullable(),
  application_type,
  token_endpoint_auth_method,
  grant_types,
  redirect_uris,
  scope,
  first_party: z.boolean(),
  pkce_required: z.boolean(),
});

export const clientExample = {
  client_id: 'client-0198f0c27a527c3e9a600d6f4d1b2a04',
  client_name: 'Analytical Engine',
  application_type: 'web' as const,
  token_endpoint_auth_method: 'client_secret_basic' as const,
  grant_types: ['authorization_code' as const],
  redirect_uris: ['https://engine.example/callback'],
  scope: 'openid email',
  first_party: false,
  pkce_required: true,
};

/** For events that say no more than which client it was. */
export const clientOnly = z.object({ client_id: z.string() });
export const clientOnlyExample = { client_id: clientExample.client_id };

export const clientSecretData = z.object({
  client_id: z.string(),
  secret_id: z.string().describe('which of its secrets; tells nothing of the secret'),
});
export const clientSecretExample = { ...clientOnlyExample, secret_id: '9f86d081884c7d65' };
