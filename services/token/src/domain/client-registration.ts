import { clientMetadata, type ClientMetadata, type SigningAlgorithm } from '@gatehouse/contracts';
import { publicKeyFault } from './public-key.ts';
import { redirectUriFault, type RedirectUriRules } from './redirect-uri.ts';
import { encryptionKeyOf } from './response-encryption.ts';
import { ownScopes } from './scope.ts';
import { sectorOf } from './subject-identifier.ts';
import { tlsFaults, type MutualTls } from './tls-client-registration.ts';

/** In which a person agrees to what the client may. */
const grantsOfPeople = ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'];

/** One thing that is wrong with what a client wants to register. */
export interface RegistrationFault {
  /** From the metadata down, e.g. `['redirect_uris', 0]`. */
  readonly path: readonly (string | number)[];
  readonly detail: string;
}

export interface RegistrationRules extends Pick<RedirectUriRules, 'loopbackWeb'> {
  readonly mutualTls: MutualTls;
  readonly subjectTypes: readonly ClientMetadata['subject_type'][];
  /** What there are keys for. */
  readonly signingKeys: { readonly algorithms: readonly SigningAlgorithm[] };
}

/** Redirect URIs travel in the client's events, whose size is bounded. */
const REDIRECT_URIS_CHARACTERS_MAX = 16_384;

/** What a member means that is not there or null (RFC 7591 2), where that depends on other members. */
export function withDependentDefaults(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  const { grant_types } = known;
  const codeGranted = !Array.isArray(grant_types) || grant_types.includes('authorization_code');
  return { response_types: codeGranted ? ['code'] : [], ...known };
}

/**
 * The metadata of a client that registers itself, with every default. Members that Gatehouse does not know are ignored
 * (RFC 7591 2); one that leaves `scope` out and acts for people may ask for all that Gatehouse itself understands.
 * @param detailTypes the types of authorization details that there are
 */
export function registeredMetadata(
  given: Readonly<Record<string, unknown>>,
  rules: RegistrationRules,
  detailTypes: readonly string[] = [],
): { readonly metadata: ClientMetadata } | { readonly faults: readonly RegistrationFault[] } {
  const parsed = clientMetadata.safeParse(withDependentDefaults(given));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => ({ path: path.map(pathPart), detail: message }));
    return { faults };
  }
  const metadata = parsed.data;
  const actsForPeople = metadata.grant_types.some((type) => grantsOfPeople.includes(type));
  if ((given['scope'] ?? null) === null && actsForPeople) metadata.scope = ownScopes.join(' ');
  const faults = [
    ...registrationFaults(metadata, rules),
    ...unknownScopes(metadata),
    ...detailTypeFaults(metadata, detailTypes),
  ];
  return faults.length > 0 ? { faults } : { metadata };
}

/** Everything that is wrong with whole metadata, whoever registers it: RFC 7591 2, OIDC Registration 2, RFC 8705. */
export function registrationFaults(metadata: ClientMetadata, rules: RegistrationRules): RegistrationFault[] {
  return [
    ...redirectFaults(metadata, rules),
    ...grantFaults(metadata),
    ...keyFaults(metadata),
    ...subjectFaults(metadata, rules),
    ...endpointFaults(metadata, rules),
    ...signatureFaults(metadata, rules),
    ...encryptionFaults(metadata),
    ...assertionFaults(metadata),
    ...tlsFaults(metadata, rules.mutualTls),
  ];
}

/** RFC 7591 3.2.2: which of the two errors a fault is. */
export function registrationError(fault: RegistrationFault): 'invalid_redirect_uri' | 'invalid_client_metadata' {
  return fault.path[0] === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata';
}

function redirectFaults(metadata: ClientMetadata, rules: RegistrationRules): RegistrationFault[] {
  const { application_type: applicationType, redirect_uris, grant_types } = metadata;
  const faults = (['redirect_uris', 'post_logout_redirect_uris'] as const).flatMap((member) => {
    const characters = metadata[member].reduce((sum, uri) => sum + uri.length, 0);
    return [
      ...metadata[member].flatMap((uri, at) =>
        fault([member, at], redirectUriFault(uri, { ...rules, applicationType })),
      ),
      ...wrong(characters > REDIRECT_URIS_CHARACTERS_MAX, [member], 'are too long all together'),
    ];
  });
  const missing = grant_types.includes('authorization_code') && redirect_uris.length === 0;
  return [...faults, ...wrong(missing, ['redirect_uris'], 'is required with authorization_code')];
}

function grantFaults(metadata: ClientMetadata): RegistrationFault[] {
  const { grant_types, response_types, token_endpoint_auth_method: method } = metadata;
  const code = grant_types.includes('authorization_code');
  const proven = ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange'] as const;
  const unproven = method === 'none' ? proven.filter((type) => grant_types.includes(type)) : [];
  const peopleGrants = code || grant_types.includes('urn:ietf:params:oauth:grant-type:device_code');
  return [
    ...wrong(code !== response_types.includes('code'), ['response_types'], 'code and authorization_code go together'),
    ...wrong(
      grant_types.includes('refresh_token') && !peopleGrants,
      ['grant_types'],
      'refresh_token needs a grant that gives refresh tokens',
    ),
    ...wrong(unproven.length > 0, ['token_endpoint_auth_method'], `must not be none with ${unproven.join(' and ')}`),
  ];
}

/** RFC 7591 2, OIDC Core 9. */
function keyFaults(metadata: ClientMetadata): RegistrationFault[] {
  const { token_endpoint_auth_method: method, jwks, jwks_uri } = metadata;
  const byKey = method === 'private_key_jwt' || method === 'self_signed_tls_client_auth';
  const keys = jwks?.keys ?? [];
  const keyless = keys.length === 0 && jwks_uri === undefined;
  const kids = keys.flatMap(({ kid }) => kid ?? []);
  return [
    ...wrong(jwks !== undefined && jwks_uri !== undefined, ['jwks'], 'must not be given together with jwks_uri'),
    ...wrong(byKey && keyless, ['jwks'], `or jwks_uri is required with ${method}`),
    ...wrong(
      metadata.require_signed_request_object && keyless,
      ['jwks'],
      'or jwks_uri is required with require_signed_request_object',
    ),
    ...wrong(new Set(kids).size < kids.length, ['jwks', 'keys'], 'must not have one kid twice'),
    ...keys.flatMap((key, at) => fault(['jwks', 'keys', at], publicKeyFault(key))),
  ];
}

/** OIDC Core 9: an HMAC goes with the secret and with nothing else. */
function assertionFaults(metadata: ClientMetadata): RegistrationFault[] {
  const { token_endpoint_auth_method: method, token_endpoint_auth_signing_alg: algorithm } = metadata;
  if (algorithm === undefined) return [];
  const symmetric = algorithm === 'HS256';
  const member = ['token_endpoint_auth_signing_alg'] as const;
  return [
    ...wrong(method === 'client_secret_jwt' && !symmetric, member, 'must be HS256 with client_secret_jwt'),
    ...wrong(method !== 'client_secret_jwt' && symmetric, member, 'must not be HS256 but with client_secret_jwt'),
  ];
}

/**
 * A device gets its tokens without a redirect, so nothing would prove that it belongs to the hosts of its redirect URIs; a
 * token exchange would give the client tokens that name actors by their ids.
 */
const unfitForPairwise = [
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
] as const;

/** OIDC Core 8.1; the list behind sector_identifier_uri is looked at by whoever may fetch it. */
function subjectFaults(metadata: ClientMetadata, { subjectTypes }: RegistrationRules): RegistrationFault[] {
  if (metadata.subject_type === 'public') return [];
  const unfit = unfitForPairwise.filter((type) => metadata.grant_types.includes(type));
  return [
    ...wrong(!subjectTypes.includes('pairwise'), ['subject_type'], 'must be public'),
    ...wrong(unfit.length > 0, ['subject_type'], `must be public with ${unfit.join(' and ')}`),
    ...wrong(
      sectorOf(metadata) === null,
      ['sector_identifier_uri'],
      'is required for pairwise subjects without redirect URIs of one host',
    ),
  ];
}

/**
 * What Gatehouse fetches is https, also in development: no answer of it could be relied on otherwise. What it tells of a
 * logout may live beside an issuer on loopback (OIDC Back-Channel Logout 2.2: https, and no fragment).
 */
function endpointFaults(metadata: ClientMetadata, { loopbackWeb }: RegistrationRules): RegistrationFault[] {
  const members = ['jwks_uri', 'sector_identifier_uri', 'backchannel_logout_uri', 'initiate_login_uri'] as const;
  return members.flatMap((member) => {
    const uri = metadata[member];
    if (uri === undefined) return [];
    const rules = { applicationType: 'web', loopbackWeb: loopbackWeb && member === 'backchannel_logout_uri' } as const;
    return fault([member], redirectUriFault(uri, rules));
  });
}

/** What a client wants signed has to be signed with a key that there is. */
function signatureFaults(metadata: ClientMetadata, { signingKeys }: RegistrationRules): RegistrationFault[] {
  const members = [
    'id_token_signed_response_alg',
    'userinfo_signed_response_alg',
    'introspection_signed_response_alg',
    'authorization_signed_response_alg',
  ] as const;
  return members.flatMap((member) => {
    const algorithm = metadata[member];
    const missing = algorithm !== undefined && !signingKeys.algorithms.includes(algorithm);
    return wrong(missing, [member], `must be one of ${signingKeys.algorithms.join(', ')}`);
  });
}

/** OIDC Registration 2, RFC 9701 6. Whoever has the client's public key could make an answer that is encrypted alone. */
function encryptionFaults(metadata: ClientMetadata): RegistrationFault[] {
  const { jwks, jwks_uri, userinfo_signed_response_alg: signed } = metadata;
  return (['id_token', 'userinfo', 'introspection'] as const).flatMap((response) => {
    const [member, content] = [`${response}_encrypted_response_alg`, `${response}_encrypted_response_enc`] as const;
    const alg = metadata[member];
    if (alg === undefined) return wrong(metadata[content] !== undefined, [content], `needs ${member}`);
    const keyless = jwks_uri === undefined && encryptionKeyOf(jwks?.keys ?? [], alg) === undefined;
    return [
      ...wrong(keyless, ['jwks'], `must have a key for ${alg}, or jwks_uri lead to one`),
      ...wrong(response === 'userinfo' && signed === undefined, [member], 'needs userinfo_signed_response_alg'),
    ];
  });
}

/** RFC 7591 2 lets a server replace what it does not like; a client that is refused knows what it cannot ask for. */
function unknownScopes({ scope }: ClientMetadata): RegistrationFault[] {
  const own: readonly string[] = ownScopes;
  const unknown = scope.split(' ').filter((name) => name !== '' && !own.includes(name));
  return wrong(unknown.length > 0, ['scope'], `must not have ${unknown.join(' ')}`);
}

/**
 * RFC 9396 10. A person sees and allows details each time that a client asks for them, so a stranger may ask; for itself it
 * would get them without anyone's word.
 */
function detailTypeFaults(
  { authorization_details_types: types = [], grant_types }: ClientMetadata,
  known: readonly string[],
): RegistrationFault[] {
  const unknown = types.filter((type) => !known.includes(type));
  const unasked = types.length > 0 && grant_types.includes('client_credentials');
  return [
    ...wrong(unknown.length > 0, ['authorization_details_types'], `must not have ${unknown.join(' ')}`),
    ...wrong(unasked, ['authorization_details_types'], 'is for an administrator to register with client_credentials'),
  ];
}

function wrong(is: boolean, path: RegistrationFault['path'], detail: string): RegistrationFault[] {
  return is ? [{ path, detail }] : [];
}

function fault(path: RegistrationFault['path'], detail: string | null): RegistrationFault[] {
  return detail === null ? [] : [{ path, detail }];
}

function pathPart(part: PropertyKey): string | number {
  return typeof part === 'number' ? part : String(part);
}
