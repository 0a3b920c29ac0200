import type { ClientMetadata } from '@gatehouse/contracts';
import { certificateOf, certifiedKeyFault, subjectFault, subjectMembers } from './client-certificate.ts';
import type { RegistrationFault } from './client-registration.ts';

/** Which certificates of clients the server gets to see: none, only such as nobody vouches for, or issued ones as well. */
export type MutualTls = 'none' | 'self_signed' | 'issued';

/** RFC 8705 2.1.2, 2.2.2 and 3.4. */
export function tlsFaults(metadata: ClientMetadata, mutualTls: MutualTls): RegistrationFault[] {
  const { token_endpoint_auth_method: method, tls_client_certificate_bound_access_tokens: bound } = metadata;
  return [
    ...(method === 'tls_client_auth' ? subjectFaults(metadata, mutualTls) : []),
    ...(method === 'self_signed_tls_client_auth' ? selfSignedFaults(metadata, mutualTls) : []),
    ...(bound ? bindingFaults(metadata, mutualTls) : []),
    ...(metadata.jwks?.keys ?? []).flatMap((key, at) => fault(['jwks', 'keys', at], certifiedKeyFault(key))),
  ];
}

function subjectFaults(metadata: ClientMetadata, mutualTls: MutualTls): RegistrationFault[] {
  const given = subjectMembers.filter((member) => metadata[member] !== undefined);
  const [first = 'tls_client_auth_subject_dn'] = given;
  const issued = mutualTls === 'issued' ? null : 'is not possible here: no issuer of client certificates is known';
  const one = given.length === 1 ? null : `or another of ${subjectMembers.join(', ')}, one alone, is required`;
  return [
    ...fault(['token_endpoint_auth_method'], issued),
    ...fault([first], one),
    ...given.flatMap((member) => fault([member], subjectFault(member, metadata[member] ?? ''))),
  ];
}

function selfSignedFaults({ jwks }: ClientMetadata, mutualTls: MutualTls): RegistrationFault[] {
  const none = jwks !== undefined && jwks.keys.every((key) => certificateOf(key) === null);
  return [
    ...fault(['token_endpoint_auth_method'], mutualTls === 'none' ? NO_CERTIFICATES : null),
    ...fault(['jwks'], none ? 'must have a key with its certificate (x5c)' : null),
  ];
}

function bindingFaults({ dpop_bound_access_tokens: dpop }: ClientMetadata, mutualTls: MutualTls): RegistrationFault[] {
  const member = ['tls_client_certificate_bound_access_tokens'] as const;
  return [
    ...fault(member, mutualTls === 'none' ? NO_CERTIFICATES : null),
    ...fault(member, dpop ? 'must not be combined with dpop_bound_access_tokens' : null),
  ];
}

const NO_CERTIFICATES = 'is not possible here: certificates of clients are not asked for';

function fault(path: RegistrationFault['path'], detail: string | null): RegistrationFault[] {
  return detail === null ? [] : [{ path, detail }];
}
