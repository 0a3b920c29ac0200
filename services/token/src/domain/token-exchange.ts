import type { TokenRequest } from '@gatehouse/contracts';
import { OAuthError } from '@gatehouse/problem';
import { isPublic, type Client } from './client.ts';
import { dpopKeyOf, type Confirmation } from './confirmation.ts';
import type { Actor, PresentedAccessToken } from './presented-access-token.ts';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

/** Our access tokens are JWTs, so either name means one of them (RFC 8693 3). */
export type ExchangedTokenType = typeof ACCESS_TOKEN | typeof JWT;

/** Each exchange adds an actor; a chain without an end would make tokens without one. */
const ACTORS_MAX = 5;

/** Who asks, and the audiences of the services that it is. */
export interface ExchangeCaller {
  readonly client: Client;
  readonly ownAudiences: readonly string[];
}

export interface ExchangeRequest {
  readonly subjectToken: string;
  readonly actorToken: string | null;
  readonly issuedTokenType: ExchangedTokenType;
}

/**
 * The parameters of RFC 8693 2.1 that say what is exchanged for what.
 * @throws OAuthError invalid_request
 */
export function exchangeRequest(request: TokenRequest): ExchangeRequest {
  const { subject_token, actor_token, actor_token_type } = request;
  if (subject_token === undefined) throw new OAuthError('invalid_request', 'subject_token is missing');
  tokenType('subject_token_type', request.subject_token_type);
  if (actor_token !== undefined) tokenType('actor_token_type', actor_token_type);
  else if (actor_token_type !== undefined)
    throw new OAuthError('invalid_request', 'actor_token_type without an actor_token');
  const issuedTokenType = tokenType('requested_token_type', request.requested_token_type ?? ACCESS_TOKEN);
  return { subjectToken: subject_token, actorToken: actor_token ?? null, issuedTokenType };
}

function tokenType(name: string, value: string | undefined): ExchangedTokenType {
  if (value === ACCESS_TOKEN || value === JWT) return value;
  throw new OAuthError('invalid_request', `${name} is ${ACCESS_TOKEN} or ${JWT}`);
}

/**
 * A caller proves who it is, and exchanges what it was given: a token that was issued to it, or that was sent to it because
 * it is in the audience. A client's own token speaks for that client alone, so nobody else exchanges it.
 * @throws OAuthError invalid_request (RFC 8693 2.2.2), the same for every token that the caller has no business with
 */
export function requireExchangeable(token: PresentedAccessToken, caller: ExchangeCaller, name: string): void {
  const issuedToCaller = token.clientId === caller.client.id;
  const sentToCaller = token.audience.some((one) => caller.ownAudiences.includes(one));
  const ofAnotherClient = token.subject === token.clientId && !issuedToCaller;
  if (ofAnotherClient || !(issuedToCaller || sentToCaller)) throw unacceptable(name);
}

/** @throws OAuthError invalid_request: the same text whatever is wrong with a token, so that it tells nothing of others' */
export function unacceptable(name: string): OAuthError {
  return new OAuthError('invalid_request', `${name} is not a valid token that this client may exchange`);
}

/** @throws OAuthError unauthorized_client where anyone may claim to be the client */
export function requireConfidential(client: Client): void {
  if (isPublic(client)) throw new OAuthError('unauthorized_client', 'a public client cannot exchange tokens');
}

/**
 * The result is never less bound to a key than what it is made from: a bound token is exchanged with a proof only, and one
 * that the caller itself holds with a proof of its very key, as at any other use (RFC 9449 7).
 * @throws OAuthError invalid_request
 */
export function requireProof(token: PresentedAccessToken, caller: Client, proven: Confirmation | null): void {
  if (token.confirmation === null) return;
  if (proven === null) throw new OAuthError('invalid_request', 'a token that is bound to a key needs a proof of one');
  const held = token.clientId === caller.id;
  if (held && !isSameKey(token.confirmation, proven))
    throw new OAuthError('invalid_request', 'the proof is of another key than the token is bound to');
}

function isSameKey(bound: Confirmation, proven: Confirmation): boolean {
  const key = dpopKeyOf(bound);
  if (key !== null) return key === dpopKeyOf(proven);
  return 'x5t#S256' in bound && 'x5t#S256' in proven && bound['x5t#S256'] === proven['x5t#S256'];
}

/**
 * RFC 8693 4.4: whoever the subject token names in `may_act`, where it names somebody, and nobody else. The client that the
 * token was issued to acts for nobody when it narrows its own token.
 * @throws OAuthError invalid_request
 */
export function requireMayAct(
  subject: PresentedAccessToken,
  actor: PresentedAccessToken | null,
  caller: Client,
  issuer: string,
): void {
  const { mayAct } = subject;
  if (mayAct === null || (actor === null && subject.clientId === caller.id)) return;
  const acting = actor?.subject ?? caller.id;
  if (mayAct.sub !== acting || (mayAct.iss ?? issuer) !== issuer)
    throw new OAuthError('invalid_request', 'the subject token names another party that may act');
}

/**
 * RFC 8693 4.1. Without an actor token the caller impersonates, yet whoever acted before stays visible.
 * @throws OAuthError invalid_request for an actor that is itself acted for, or one too many
 */
export function actorChain(
  subject: PresentedAccessToken,
  actor: PresentedAccessToken | null,
  issuer: string,
): Actor | null {
  if (actor === null) return subject.actor;
  if (actor.actor !== null) throw new OAuthError('invalid_request', 'the actor token is itself a delegated one');
  const chain = { sub: actor.subject, iss: issuer, ...(subject.actor && { act: subject.actor }) };
  if (lengthOf(chain) > ACTORS_MAX) throw new OAuthError('invalid_request', 'the subject token has too many actors');
  return chain;
}

function lengthOf(actor: Actor | undefined): number {
  return actor === undefined ? 0 : 1 + lengthOf(actor.act);
}

/**
 * Somebody else's token, and the caller is not the actor that the new one names: a resource would see the subject, or whoever
 * else the caller holds a token of, and not the caller.
 */
export function isImpersonation(
  subject: PresentedAccessToken,
  actor: PresentedAccessToken | null,
  caller: Client,
): boolean {
  return subject.clientId !== caller.id && actor?.subject !== caller.id;
}
