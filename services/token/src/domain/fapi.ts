import type { ClientMetadata } from '@gatehouse/contracts';
import type { RegistrationFault } from './client-registration.ts';

/** FAPI 2.0 5.3.2.1: a secret that both sides know proves nothing that can be told apart afterwards. */
const AUTHENTICATION_METHODS: readonly ClientMetadata['token_endpoint_auth_method'][] = [
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
];

const SIGNATURES = [
  'token_endpoint_auth_signing_alg',
  'id_token_signed_response_alg',
  'userinfo_signed_response_alg',
  'introspection_signed_response_alg',
  'authorization_signed_response_alg',
  'request_object_signing_alg',
] as const;

/**
 * What keeps a client from the FAPI 2.0 Security Profile, beyond what is wrong for everybody. The rest of the profile is
 * asked of its requests: pushed with their redirect_uri, PKCE, tokens bound to a key, assertions for the issuer alone.
 */
export function fapi2Faults(metadata: ClientMetadata): RegistrationFault[] {
  const { token_endpoint_auth_method: method, application_type, redirect_uris } = metadata;
  const faults: RegistrationFault[] = [];
  if (!AUTHENTICATION_METHODS.includes(method))
    faults.push({ path: ['token_endpoint_auth_method'], detail: `must be ${AUTHENTICATION_METHODS.join(' or ')}` });
  // 5.4.1: PS256, ES256 and EdDSA.
  for (const member of SIGNATURES)
    if (metadata[member] === 'RS256' || metadata[member] === 'HS256')
      faults.push({ path: [member], detail: 'must be PS256, ES256 or EdDSA' });
  // 5.3.2.2: http is for the loopback of native applications, also where development allows it to others.
  redirect_uris.forEach((uri, at) => {
    if (uri.startsWith('http:') && application_type !== 'native')
      faults.push({ path: ['redirect_uris', at], detail: 'must be https' });
  });
  return faults;
}
