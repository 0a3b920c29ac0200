import { z } from 'zod';
import { clientId, text, url } from './input-values.ts';

/** The grants of the token endpoint: RFC 6749, 8628, 8693 and 7523. */
export const grantTypes = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
] as const;
export type GrantType = (typeof grantTypes)[number];

/** How a client proves who it is: RFC 6749 2.3.1, OIDC Core 9, RFC 8705 2. */
export const clientAuthenticationMethods = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
] as const;
export type ClientAuthenticationMethod = (typeof clientAuthenticationMethods)[number];

/** The algorithms that tokens and assertions may be signed with; never `none`, never symmetric but for client_secret_jwt. */
export const signingAlgorithms = ['ES256', 'PS256', 'RS256', 'EdDSA'] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** How the key of an encrypted answer reaches the client (RFC 7518 4): by a public key of its own, never RSA1_5. */
export const keyEncryptions = ['RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A256KW'] as const;
export type KeyEncryption = (typeof keyEncryptions)[number];

/** What the answer itself is encrypted with (RFC 7518 5). */
export const contentEncryptions = ['A128CBC-HS256', 'A256CBC-HS512', 'A128GCM', 'A256GCM'] as const;
export type ContentEncryption = (typeof contentEncryptions)[number];

const algorithm = z.enum(signingAlgorithms);
const keyEncryption = z.enum(keyEncryptions).optional();
const contentEncryption = z.enum(contentEncryptions).optional();
const line = text(200).min(1);
const webUrl = url(/^https?$/);
const redirectUri = url();
const publicKey = z.looseObject({ kty: z.enum(['EC', 'RSA', 'OKP']), kid: text(200).optional() });

/**
 * What a client says of itself, by the names of RFC 7591 2, OIDC Registration 2 and the extensions that define a
 * member. Members that it leaves out have the value that is written here; for signatures that is ES256.
 */
export const clientMetadata = z.object({
  redirect_uris: z.array(redirectUri).max(100).default([]),
  token_endpoint_auth_method: z.enum(clientAuthenticationMethods).default('client_secret_basic'),
  token_endpoint_auth_signing_alg: z.enum([...signingAlgorithms, 'HS256']).optional(),
  grant_types: z.array(z.enum(grantTypes)).min(1).max(grantTypes.length).default(['authorization_code']),
  response_types: z.array(z.literal('code')).max(1).default(['code']),
  application_type: z.enum(['web', 'native']).default('web'),
  client_name: line.optional(),
  client_uri: webUrl.optional(),
  logo_uri: webUrl.optional(),
  policy_uri: webUrl.optional(),
  tos_uri: webUrl.optional(),
  contacts: z.array(line).max(20).optional(),
  software_id: line.optional(),
  software_version: line.optional(),
  scope: text(4_096).default('').describe('what it may ask for, space-separated'),
  authorization_details_types: z.array(line).min(1).max(50).optional().describe('RFC 9396 10: what it may ask for'),
  jwks_uri: webUrl.optional(),
  jwks: z.object({ keys: z.array(publicKey).max(20) }).optional(),
  subject_type: z.enum(['public', 'pairwise']).default('public'),
  sector_identifier_uri: webUrl.optional(),
  id_token_signed_response_alg: algorithm.default('ES256'),
  id_token_encrypted_response_alg: keyEncryption,
  id_token_encrypted_response_enc: contentEncryption,
  userinfo_signed_response_alg: algorithm.optional(),
  userinfo_encrypted_response_alg: keyEncryption,
  userinfo_encrypted_response_enc: contentEncryption,
  introspection_signed_response_alg: algorithm.optional(),
  introspection_encrypted_response_alg: keyEncryption,
  introspection_encrypted_response_enc: contentEncryption,
  authorization_signed_response_alg: algorithm.optional(),
  request_object_signing_alg: algorithm.optional(),
  require_signed_request_object: z.boolean().default(false),
  default_max_age: z.int().min(0).optional(),
  require_auth_time: z.boolean().default(false),
  default_acr_values: z.array(line).max(10).optional(),
  initiate_login_uri: webUrl.optional(),
  post_logout_redirect_uris: z.array(redirectUri).max(100).default([]),
  backchannel_logout_uri: webUrl.optional(),
  backchannel_logout_session_required: z.boolean().default(false),
  require_pushed_authorization_requests: z.boolean().default(false),
  dpop_bound_access_tokens: z.boolean().default(false),
  tls_client_certificate_bound_access_tokens: z.boolean().default(false),
  tls_client_auth_subject_dn: text(1_024).optional(),
  tls_client_auth_san_dns: text(253).optional(),
  tls_client_auth_san_uri: text(2_048).optional(),
  tls_client_auth_san_ip: text(45).optional(),
  tls_client_auth_san_email: text(320).optional(),
});
export type ClientMetadata = z.output<typeof clientMetadata>;

/** What the operator of Gatehouse decides about a client, and the client does not say of itself. */
export const clientPolicy = z.object({
  first_party: z.boolean().default(false).describe('people are not asked for consent'),
  pkce_required: z.boolean().default(true).describe('a confidential client may be exempted (OAuth 2.1 7.6)'),
  security_profile: z.enum(['fapi2']).optional().describe('the FAPI 2.0 Security Profile, as a whole'),
  may_act: clientId
    .min(1)
    .optional()
    .describe('the only client that may exchange tokens of this one (RFC 8693 4.4), or be named as the actor'),
  resources: z
    .array(text(200))
    .optional()
    .describe('names of the resources that it may ask tokens for; without it every one'),
});
export type ClientPolicy = z.output<typeof clientPolicy>;
