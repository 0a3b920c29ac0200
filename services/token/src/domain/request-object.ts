import { authorizationParameters, type AuthorizationParameters } from '@gatehouse/contracts';
import { OAuthError } from '@gatehouse/problem';
import type { Client } from './client.ts';

/** FAPI 2.0 Message Signing 5.3.1: how old a request may be, and how long it may be good for. */
const AGE_S_MAX = 3_600;
const LIFETIME_S_MAX = 3_600;
/** FAPI 2.0 5.3.2.1: clients' clocks may be that much ahead. */
const AHEAD_S_MAX = 10;

/** A missing `typ` and `JWT` are what clients sent before RFC 9101 named its own (OIDC Core 6.1). */
const TYPES = [undefined, 'jwt', 'oauth-authz-req+jwt'];

const memberNames = authorizationParameters.omit({ request: true, request_uri: true });

/** Whether a JWT of this `typ` may be a request object: one of another kind is not taken for it (RFC 9101 10.8). */
export function isRequestObjectType(typ: unknown): boolean {
  const name = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ;
  return TYPES.some((type) => type === name);
}

/**
 * The authorization request that a request object makes, after its signature was found to be the client's. What stands
 * outside counts for nothing (RFC 9101 6.3), only that it must not say something else of what is asked (OIDC Core 6.1).
 * @throws OAuthError invalid_request_object, invalid_request
 */
export function requestOfObject(
  claims: Readonly<Record<string, unknown>>,
  outside: AuthorizationParameters,
  client: Client,
  { issuer, nowS }: { readonly issuer: string; readonly nowS: number },
): AuthorizationParameters {
  requireFrom(claims, client);
  requireFor(claims, issuer);
  requireTimely(claims, client, nowS);
  const inside = readParameters(claims);
  requireAgreement(inside, outside);
  return inside;
}

/** RFC 9101 4 and 5.2. A `sub` that is the client would make it an assertion by which the client authenticates (10.8). */
function requireFrom({ iss, client_id, sub }: Readonly<Record<string, unknown>>, client: Client): void {
  if (iss !== client.id) throw invalid('iss is not the client');
  if (client_id !== client.id) throw invalid('client_id is not the one beside the request object');
  if (sub === client.id) throw invalid('sub must not be the client');
}

function requireFor({ aud }: Readonly<Record<string, unknown>>, issuer: string): void {
  if (![aud].flat().includes(issuer)) throw invalid('aud is not the issuer');
}

/** FAPI 2.0 Message Signing 5.3.1 asks for both instants; other clients may leave `nbf` out. */
function requireTimely({ exp, nbf }: Readonly<Record<string, unknown>>, client: Client, nowS: number): void {
  if (typeof exp !== 'number') throw invalid('exp is missing');
  if (nbf === undefined && client.securityProfile === 'fapi2') throw invalid('nbf is missing');
  const begin = nbf ?? nowS;
  if (typeof begin !== 'number') throw invalid('nbf is no instant');
  if (exp <= nowS) throw invalid('exp has passed');
  if (begin > nowS + AHEAD_S_MAX) throw invalid('nbf is to come');
  if (nowS - begin > AGE_S_MAX) throw invalid('nbf is more than an hour ago');
  if (exp - begin > LIFETIME_S_MAX) throw invalid('exp is more than an hour after nbf');
}

function readParameters(claims: Readonly<Record<string, unknown>>): AuthorizationParameters {
  const { request, request_uri } = claims;
  if (request !== undefined || request_uri !== undefined) throw invalid('it must not hold or name another one');
  const members = Object.keys(memberNames.shape).filter((name) => claims[name] !== undefined);
  const parsed = memberNames.safeParse(Object.fromEntries(members.map((name) => [name, asParameter(name, claims[name])]))); // prettier-ignore
  if (parsed.success) return parsed.data;
  throw invalid(`${String(parsed.error.issues[0]?.path[0])} has a wrong value`);
}

/** RFC 9101 4: JSON has numbers and objects where parameters have text. */
function asParameter(name: string, value: unknown): unknown {
  if (name === 'resource') return [value].flat();
  if (name === 'max_age' && typeof value === 'number') return String(value);
  const isJson = name === 'claims' || name === 'authorization_details';
  if (isJson && typeof value === 'object') return JSON.stringify(value);
  return value;
}

/** OIDC Core 6.1: a parameter of OAuth that stands outside too is the same there. */
function requireAgreement(inside: AuthorizationParameters, outside: AuthorizationParameters): void {
  if (!inside.scope?.split(' ').includes('openid') || outside.response_type === undefined) return;
  if (outside.response_type !== inside.response_type)
    throw new OAuthError('invalid_request', 'response_type is another one in the request object');
}

function invalid(description: string): OAuthError {
  return new OAuthError('invalid_request_object', `the request object is refused: ${description}`);
}
