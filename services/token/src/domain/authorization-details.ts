import type { AuthorizationDetailsType } from '@gatehouse/contracts';
import { OAuthError } from '@gatehouse/problem';
import type { Client } from './client.ts';
import type { Resource, Resources } from './resource.ts';

/** One thing that a client wants to do, told in full (RFC 9396 2). */
export type AuthorizationDetail = Readonly<Record<string, unknown>> & { readonly type: string };

const DETAILS_MAX = 20;
/** They stand in access tokens, which have to fit into a header. */
const DETAILS_BYTES_MAX = 3_000;
/** With white space and escapes. */
const DETAILS_CHARACTERS_MAX = 8_192;

type Member = AuthorizationDetailsType['members'][number];

export interface DetailTargets {
  readonly resources: Resources;
  readonly client: Pick<Client, 'resources' | 'metadata'>;
}

/**
 * The parameter as it is written; nothing of a request without it.
 * @throws OAuthError invalid_authorization_details
 */
export function parseAuthorizationDetails(text: string | undefined): AuthorizationDetail[] {
  if (text === undefined) return [];
  if (text.length > DETAILS_CHARACTERS_MAX) throw invalid('authorization_details is too long');
  const details = parseJson(text);
  if (!isDetails(details))
    throw invalid(`authorization_details is a JSON array of 1 to ${DETAILS_MAX} objects with a type`);
  if (Buffer.byteLength(JSON.stringify(details)) > DETAILS_BYTES_MAX)
    throw invalid(`authorization_details has more than ${DETAILS_BYTES_MAX} bytes`);
  return details;
}

/**
 * What a client asks a person, or for itself, to be allowed: of types that it is registered for and that a resource of its
 * has, each as its type says (RFC 9396 5).
 * @throws OAuthError invalid_authorization_details
 */
export function requestedDetails(text: string | undefined, targets: DetailTargets): AuthorizationDetail[] {
  const details = parseAuthorizationDetails(text);
  for (const [at, detail] of details.entries()) {
    const fault = detailFault(detail, targets);
    if (fault !== null) throw invalid(`authorization_details ${at}: ${fault}`);
  }
  return details;
}

/**
 * RFC 9396 6 and 6.1: a request may ask for less than was granted, never for more or for anything else. Each detail has the
 * members of a granted one: the same, but for lists of texts, which may be shorter.
 * @throws OAuthError invalid_authorization_details
 */
export function narrowedDetails(text: string, granted: readonly AuthorizationDetail[]): AuthorizationDetail[] {
  const details = parseAuthorizationDetails(text);
  const beyond = details.findIndex((detail) => !granted.some((one) => isWithin(detail, one)));
  if (beyond >= 0) throw invalid(`authorization_details ${beyond}: was not part of the authorization`);
  return details;
}

/** Those that still are of a type that the client may use. */
export function liveDetails(details: readonly AuthorizationDetail[], targets: DetailTargets): AuthorizationDetail[] {
  return details.filter(({ type }) => typeOf(type, targets) !== null);
}

/** RFC 9396 9.1: what a resource has to know, and nothing of others. */
export function detailsFor(
  audience: readonly string[],
  details: readonly AuthorizationDetail[],
  resources: Resources,
): AuthorizationDetail[] {
  return details.filter(({ type }) => {
    const resource = resourceOf(type, resources);
    return resource !== undefined && audience.includes(resource.url);
  });
}

/** The audiences that the details are for, each once. */
export function audiencesOf(details: readonly AuthorizationDetail[], resources: Resources): string[] {
  return [...new Set(details.flatMap(({ type }) => resourceOf(type, resources)?.url ?? []))];
}

/** Every type that there is (RFC 9396 10). */
export function knownTypes(resources: Resources): AuthorizationDetailsType[] {
  return resources.flatMap(({ authorization_details_types: types }) => types);
}

/** As events name them: what the details say may be personal. */
export function typesOf(details: readonly AuthorizationDetail[]): { authorization_details_types?: string[] } {
  return details.length === 0 ? {} : { authorization_details_types: [...new Set(details.map(({ type }) => type))] };
}

export function invalid(description: string): OAuthError {
  return new OAuthError('invalid_authorization_details', description);
}

function detailFault(detail: AuthorizationDetail, targets: DetailTargets): string | null {
  const found = typeOf(detail.type, targets);
  if (!found) return 'the type is unknown, or not one of this client';
  const { type: _, locations, ...members } = detail;
  return locationsFault(locations, found.resource) ?? membersFault(members, found.described.members);
}

function typeOf(type: string, { client, resources }: DetailTargets) {
  const resource = resourceOf(type, resources);
  const described = resource?.authorization_details_types.find((one) => one.type === type);
  const registered = client.metadata.authorization_details_types?.includes(type) === true;
  const allowed = resource && (client.resources === null || client.resources.includes(resource.name));
  return resource && described && registered && allowed === true ? { resource, described } : null;
}

function resourceOf(type: string, resources: Resources): Resource | undefined {
  return resources.find(({ authorization_details_types: types }) => types.some((one) => one.type === type));
}

/** RFC 9396 2.2: where the resource is, of whose type it is. */
function locationsFault(locations: unknown, { url }: Resource): string | null {
  if (locations === undefined) return null;
  if (!isTexts(locations)) return 'locations is a list of texts';
  const base = url.endsWith('/') ? url : `${url}/`;
  const elsewhere = locations.some((one) => one !== url && !one.startsWith(base));
  return elsewhere ? 'locations are at the URL of the resource' : null;
}

function membersFault(given: Readonly<Record<string, unknown>>, members: readonly Member[]): string | null {
  const known = new Set(members.map(({ name }) => name));
  if (Object.keys(given).some((name) => !known.has(name))) return 'has a member that its type does not have';
  for (const member of members) {
    const value = Object.hasOwn(given, member.name) ? given[member.name] : undefined;
    const fault = value === undefined ? missingFault(member) : memberFault(value, member);
    if (fault !== null) return `${member.name} ${fault}`;
  }
  return null;
}

function missingFault({ required }: Member): string | null {
  return required ? 'is missing' : null;
}

function memberFault(value: unknown, member: Member): string | null {
  if (member.kind === 'object') return objectFault(value, member.members);
  if (member.kind === 'number') return Number.isFinite(value) ? null : 'is a number';
  if (member.kind === 'boolean') return typeof value === 'boolean' ? null : 'is true or false';
  const values = 'values' in member ? member.values : undefined;
  if (member.kind === 'text') return typeof value === 'string' ? valueFault([value], values) : 'is a text';
  return isTexts(value) ? valueFault(value, values) : 'is a list of texts';
}

function objectFault(value: unknown, members: readonly Member[]): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is an object';
  const fault = membersFault(value as Record<string, unknown>, members); // -- no array, so its members have names
  return fault === null ? null : `is an object in which: ${fault}`;
}

function valueFault(texts: readonly string[], values: readonly string[] | undefined): string | null {
  if (!texts.every((text) => text.isWellFormed() && !text.includes('\0'))) return 'has characters that are not allowed';
  return values && !texts.every((text) => values.includes(text)) ? 'has a value that is none of its values' : null;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
}

/** A member less may mean more, e.g. any account instead of one, and so may one that was not there. */
function isWithin(detail: AuthorizationDetail, granted: AuthorizationDetail): boolean {
  const names = Object.keys(granted);
  if (Object.keys(detail).length !== names.length) return false;
  return names.every((name) => Object.hasOwn(detail, name) && isNarrower(detail[name], granted[name]));
}

function isNarrower(value: unknown, granted: unknown): boolean {
  if (isTexts(granted)) return isTexts(value) && value.every((one) => granted.includes(one));
  return isEqual(value, granted);
}

function isEqual(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other;
  const [names, others] = [Object.keys(one), Object.keys(other)];
  if (Array.isArray(one) !== Array.isArray(other) || names.length !== others.length) return false;
  const [left, right] = [one, other] as Record<string, unknown>[]; // -- compared name by name, lists by their indices
  return names.every((name) => Object.hasOwn(other, name) && isEqual(left?.[name], right?.[name]));
}

function isDetails(value: unknown): value is AuthorizationDetail[] {
  return Array.isArray(value) && value.length > 0 && value.length <= DETAILS_MAX && value.every(isDetail);
}

function isDetail(value: unknown): value is AuthorizationDetail {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
