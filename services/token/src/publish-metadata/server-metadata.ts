import { dpopAlgorithms } from '@gatehouse/authn';
import {
  contentEncryptions,
  keyEncryptions,
  signingAlgorithms as clientAlgorithms,
  type AuthorizationDetailsType,
  type ServerMetadata,
} from '@gatehouse/contracts';
import type { TokenSettings } from '../config.ts';
import { responseModes } from '../domain/authorization-request.ts';
import { supportedAcrValues } from '../domain/authentication-context.ts';
import { ownScopes } from '../domain/scope.ts';
import type { MutualTls } from '../domain/tls-client-registration.ts';
import { SECRET_ALGORITHM } from '../protocol/client-assertions.ts';

/** Of ID tokens and userinfo. */
const claimsSupported = [
  'iss',
  'sub',
  'aud',
  'exp',
  'iat',
  'auth_time',
  'nonce',
  'at_hash',
  'acr',
  'amr',
  'azp',
  'sid',
  'email',
  'email_verified',
  'locale',
];

/** RFC 8414 2 and OpenID Connect Discovery 3. */
export function serverMetadata(
  settings: TokenSettings,
  detailsTypes: readonly AuthorizationDetailsType[],
): ServerMetadata {
  const { issuer, clientRegistration, signingKeys, subjectTypes, mutualTls } = settings;
  const clientAuthentication = clientAuthenticationMethods(mutualTls);
  const assertionAlgorithms = [...clientAlgorithms, SECRET_ALGORITHM];
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    pushed_authorization_request_endpoint: `${issuer}/oauth/par`,
    device_authorization_endpoint: `${issuer}/oauth/device_authorization`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    end_session_endpoint: `${issuer}/oauth/logout`,
    jwks_uri: `${issuer}/oauth/jwks`,
    ...(clientRegistration !== 'closed' && { registration_endpoint: `${issuer}/oauth/register` }),
    response_types_supported: ['code'],
    response_modes_supported: [...responseModes],
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      'client_credentials',
      'urn:ietf:params:oauth:grant-type:device_code',
      'urn:ietf:params:oauth:grant-type:token-exchange',
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
    ],
    subject_types_supported: [...subjectTypes],
    id_token_signing_alg_values_supported: [...signingKeys.algorithms],
    id_token_encryption_alg_values_supported: [...keyEncryptions],
    id_token_encryption_enc_values_supported: [...contentEncryptions],
    userinfo_signing_alg_values_supported: [...signingKeys.algorithms],
    userinfo_encryption_alg_values_supported: [...keyEncryptions],
    userinfo_encryption_enc_values_supported: [...contentEncryptions],
    introspection_signing_alg_values_supported: [...signingKeys.algorithms],
    introspection_encryption_alg_values_supported: [...keyEncryptions],
    introspection_encryption_enc_values_supported: [...contentEncryptions],
    token_endpoint_auth_methods_supported: clientAuthentication,
    token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    revocation_endpoint_auth_methods_supported: clientAuthentication,
    revocation_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    introspection_endpoint_auth_methods_supported: clientAuthentication.filter((method) => method !== 'none'),
    introspection_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    dpop_signing_alg_values_supported: [...dpopAlgorithms],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: [...ownScopes],
    claims_supported: [...claimsSupported],
    authorization_response_iss_parameter_supported: true,
    authorization_signing_alg_values_supported: [...signingKeys.algorithms],
    request_parameter_supported: true,
    request_uri_parameter_supported: false,
    request_object_signing_alg_values_supported: [...clientAlgorithms],
    require_signed_request_object: false,
    claims_parameter_supported: true,
    ...(detailsTypes.length > 0 && { authorization_details_types_supported: detailsTypes.map(({ type }) => type) }),
    acr_values_supported: [...supportedAcrValues],
    prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
    require_pushed_authorization_requests: false,
    tls_client_certificate_bound_access_tokens: mutualTls !== 'none',
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    client_id_metadata_document_supported: settings.clientIdDocuments,
    ...mutualTlsAliases(settings),
  };
}

function clientAuthenticationMethods(mutualTls: MutualTls): string[] {
  return [
    'client_secret_basic',
    'client_secret_post',
    'client_secret_jwt',
    'private_key_jwt',
    ...(mutualTls === 'issued' ? ['tls_client_auth'] : []),
    ...(mutualTls === 'none' ? [] : ['self_signed_tls_client_auth']),
    'none',
  ];
}

/** RFC 8705 5: browsers stay with the other host, where nobody asks them for a certificate. */
function mutualTlsAliases({ mutualTls, mutualTlsUrl }: TokenSettings): Pick<ServerMetadata, 'mtls_endpoint_aliases'> {
  if (mutualTls === 'none' || mutualTlsUrl === null) return {};
  return {
    mtls_endpoint_aliases: {
      token_endpoint: `${mutualTlsUrl}/oauth/token`,
      pushed_authorization_request_endpoint: `${mutualTlsUrl}/oauth/par`,
      device_authorization_endpoint: `${mutualTlsUrl}/oauth/device_authorization`,
      revocation_endpoint: `${mutualTlsUrl}/oauth/revoke`,
      introspection_endpoint: `${mutualTlsUrl}/oauth/introspect`,
      userinfo_endpoint: `${mutualTlsUrl}/oauth/userinfo`,
    },
  };
}
