import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';

const strings = z.array(z.string());
const metadata = z.object({
  issuer: z.url(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  pushed_authorization_request_endpoint: z.url(),
  device_authorization_endpoint: z.url(),
  revocation_endpoint: z.url(),
  introspection_endpoint: z.url(),
  userinfo_endpoint: z.url(),
  end_session_endpoint: z.url(),
  jwks_uri: z.url(),
  registration_endpoint: z.url().optional(),
  response_types_supported: strings,
  response_modes_supported: strings,
  grant_types_supported: strings,
  subject_types_supported: strings,
  id_token_signing_alg_values_supported: strings,
  id_token_encryption_alg_values_supported: strings,
  id_token_encryption_enc_values_supported: strings,
  userinfo_signing_alg_values_supported: strings,
  userinfo_encryption_alg_values_supported: strings,
  userinfo_encryption_enc_values_supported: strings,
  introspection_signing_alg_values_supported: strings,
  introspection_encryption_alg_values_supported: strings,
  introspection_encryption_enc_values_supported: strings,
  token_endpoint_auth_methods_supported: strings,
  token_endpoint_auth_signing_alg_values_supported: strings,
  revocation_endpoint_auth_methods_supported: strings,
  revocation_endpoint_auth_signing_alg_values_supported: strings,
  introspection_endpoint_auth_methods_supported: strings,
  introspection_endpoint_auth_signing_alg_values_supported: strings,
  dpop_signing_alg_values_supported: strings,
  code_challenge_methods_supported: strings,
  scopes_supported: strings,
  claims_supported: strings,
  authorization_response_iss_parameter_supported: z.boolean(),
  authorization_signing_alg_values_supported: strings,
  request_parameter_supported: z.boolean(),
  request_uri_parameter_supported: z.boolean(),
  request_object_signing_alg_values_supported: strings,
  require_signed_request_object: z.boolean(),
  claims_parameter_supported: z.boolean(),
  authorization_details_types_supported: strings.optional(),
  acr_values_supported: strings,
  prompt_values_supported: strings,
  require_pushed_authorization_requests: z.boolean(),
  client_id_metadata_document_supported: z.boolean(),
  tls_client_certificate_bound_access_tokens: z.boolean(),
  mtls_endpoint_aliases: z.record(z.string(), z.url()).optional(),
  backchannel_logout_supported: z.boolean(),
  backchannel_logout_session_supported: z.boolean(),
});
const declaration = {
  service: 'token',
  method: 'GET',
  access: 'public',
  input: {},
  success: { status: 200, body: metadata },
  errors: [],
} as const;

/** OpenID Connect Discovery 1.0 section 4. */
export const readOpenIdConfiguration = defineEndpoint({
  ...declaration,
  id: 'token.read-openid-configuration',
  path: '/.well-known/openid-configuration',
  summary: 'OpenID Connect metadata.',
});

/** RFC 8414 section 3: the same document for OAuth clients. */
export const readServerMetadata = defineEndpoint({
  ...declaration,
  id: 'token.read-server-metadata',
  path: '/.well-known/oauth-authorization-server',
  summary: 'OAuth authorization server metadata.',
});

export type ServerMetadata = z.output<typeof metadata>;
