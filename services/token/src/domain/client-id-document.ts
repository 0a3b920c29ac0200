import type { ClientMetadata } from '@gatehouse/contracts';
import { registeredMetadata, type RegistrationFault, type RegistrationRules } from './client-registration.ts';
import { ownScopes } from './scope.ts';

/** A document is written for every authorization server, so what this one gives to no stranger is left out of it. */
const GRANT_TYPES: readonly unknown[] = ['authorization_code', 'refresh_token'];
const SECRETS = ['client_secret', 'client_secret_expires_at'];
const METHODS: readonly unknown[] = ['none', 'private_key_jwt'];

/** Whether a client id is meant as the URL of a metadata document; no id that the server makes begins like this. */
export function isDocumentId(id: string): boolean {
  return id.startsWith('https:');
}

/**
 * draft-ietf-oauth-client-id-metadata-document 3: why a URL is no client id; null where it is one. Ids are compared as text,
 * so a URL has one spelling only, which also leaves no dot segments.
 */
export function documentIdFault(id: string): string | null {
  const url = URL.parse(id);
  if (url?.protocol !== 'https:') return 'must be an https URL';
  if (url.username !== '' || url.password !== '') return 'must not have credentials';
  if (id.includes('#')) return 'must not have a fragment';
  return url.href === id ? null : `must be written as ${url.href.slice(0, 200)}`;
}

/** Section 4: what a document says of the client whose id is its URL, or everything that is wrong with it. */
export function documentMetadata(
  id: string,
  document: unknown,
  rules: RegistrationRules,
  detailTypes: readonly string[] = [],
): { readonly metadata: ClientMetadata } | { readonly faults: readonly RegistrationFault[] } {
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    return { faults: [{ path: [], detail: 'must be a JSON object' }] };
  const given = document as Readonly<Record<string, unknown>>; // -- an object of JSON
  const faults = documentFaults(id, given);
  return faults.length > 0 ? { faults } : registeredMetadata(forThisServer(given, detailTypes), rules, detailTypes);
}

function documentFaults(id: string, given: Readonly<Record<string, unknown>>): RegistrationFault[] {
  const { client_id, token_endpoint_auth_method: method = 'none' } = given;
  const secret = SECRETS.filter((member) => member in given);
  return [
    ...(client_id === id ? [] : [{ path: ['client_id'], detail: 'must be the URL of the document' }]),
    ...secret.map((member) => ({ path: [member], detail: 'must not be there: everybody can read the document' })),
    ...(METHODS.includes(method)
      ? []
      : [{ path: ['token_endpoint_auth_method'], detail: `must be ${METHODS.join(' or ')}` }]),
  ];
}

/** The default of RFC 7591 2 is a secret, which there cannot be; without one the client is public. */
function forThisServer(
  { authorization_details_types: types, ...given }: Readonly<Record<string, unknown>>,
  detailTypes: readonly unknown[],
): Record<string, unknown> {
  const { grant_types, scope, token_endpoint_auth_method = 'none' } = given;
  const known = Array.isArray(types) ? types.filter((type) => detailTypes.includes(type)) : [];
  const own: readonly string[] = ownScopes;
  return {
    ...given,
    token_endpoint_auth_method,
    response_types: ['code'],
    ...(known.length > 0 && { authorization_details_types: known }),
    ...(Array.isArray(grant_types) && { grant_types: grant_types.filter((type) => GRANT_TYPES.includes(type)) }),
    ...(typeof scope === 'string' && {
      scope: scope
        .split(' ')
        .filter((name) => own.includes(name))
        .join(' '),
    }),
  };
}
