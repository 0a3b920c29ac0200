import type { AuthorizationParameters, ClaimsRequest } from '@gatehouse/contracts';
import { OAuthError } from '@gatehouse/problem';
import type { AuthorizationDetail } from './authorization-details.ts';
import { parseClaimsRequest } from './claims-request.ts';
import { acceptsRedirect, mayUse, mustUsePkce, type Client } from './client.ts';
import { isS256Challenge } from './pkce.ts';
import type { Resources } from './resource.ts';
import { requestedAccess } from './token-target.ts';

/** OAuth 2.0 Multiple Response Types 2.1, OAuth 2.0 Form Post Response Mode; with `.jwt` signed (JARM 2.3). */
const plainModes = ['query', 'fragment', 'form_post'] as const;
const signedModes = ['query.jwt', 'fragment.jwt', 'form_post.jwt'] as const;
export const responseModes = [...plainModes, 'jwt', ...signedModes] as const;
export type ResponseMode = (typeof plainModes)[number] | (typeof signedModes)[number];

const prompts = ['none', 'login', 'consent', 'select_account'] as const;
export type Prompt = (typeof prompts)[number];

/** Where the answer to an authorization request goes. Once it is known, errors go there too. */
export interface ReturnAddress {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string | null;
  readonly responseMode: ResponseMode;
}

/** A checked authorization request, as it waits for the person. */
export interface AuthorizationRequest extends ReturnAddress {
  readonly scope: readonly string[];
  readonly resources: readonly string[];
  /** RFC 9396. */
  readonly authorizationDetails: readonly AuthorizationDetail[];
  readonly nonce: string | null;
  /** Null only for a confidential client that is exempt from PKCE. */
  readonly codeChallenge: string | null;
  readonly prompt: readonly Prompt[];
  /** How old the login may be, in seconds; null for any age. */
  readonly maxAgeS: number | null;
  readonly loginHint: string | null;
  /** The account that an ID token names which the client sent along. */
  readonly hintedAccountId: string | null;
  readonly claims: ClaimsRequest | null;
  /** RFC 9449 10: the key that the code is bound to. */
  readonly dpopJkt: string | null;
}

/**
 * RFC 6749 4.1.2.1: whether the request names a client and one of its redirect URIs. Until then nothing may be sent to the URI that it names.
 * @returns null where the answer must stay on a page of ours
 */
export function returnAddressOf(parameters: AuthorizationParameters, client: Client | null): ReturnAddress | null {
  const { redirect_uri, state } = parameters;
  if (!client || redirect_uri === undefined || !acceptsRedirect(client, redirect_uri)) return null;
  const responseMode = responseModeOf(parameters, client);
  return { clientId: client.id, redirectUri: redirect_uri, state: state ?? null, responseMode };
}

/**
 * Where what the client wants cannot be told, because it is unknown or would stand in a request object that was not read,
 * one that is registered for signed answers still gets no other.
 */
function responseModeOf({ response_mode: asked, request }: AuthorizationParameters, client: Client): ResponseMode {
  if (asked === undefined && request === undefined) return 'query';
  if (asked === 'jwt') return 'query.jwt';
  const known = [...plainModes, ...signedModes].find((mode) => mode === asked);
  return known ?? (client.metadata.authorization_signed_response_alg === undefined ? 'query' : 'query.jwt');
}

/**
 * Everything that the client hears of by redirect, in the order in which it is told.
 * @param hintedAccountId of the verified id_token_hint, where there is one
 * @throws OAuthError
 */
export function checkAuthorizationRequest(
  parameters: AuthorizationParameters,
  returnAddress: ReturnAddress,
  client: Client,
  resources: Resources,
  hintedAccountId: string | null = null,
): AuthorizationRequest {
  requireCodeResponse(parameters);
  requireGrantType(client);
  return {
    ...returnAddress,
    codeChallenge: readPkce(parameters, client),
    ...requestedAccess(parameters, { client, resources }),
    nonce: parameters.nonce ?? null,
    prompt: readPrompt(parameters),
    maxAgeS: readMaxAge(parameters, client),
    loginHint: parameters.login_hint ?? null,
    hintedAccountId,
    claims: parseClaimsRequest(parameters.claims),
    dpopJkt: readDpopThumbprint(parameters),
  };
}

/** OAuth 2.1 knows one response type. */
function requireCodeResponse({ response_type, response_mode }: AuthorizationParameters): void {
  if (response_type === undefined) throw new OAuthError('invalid_request', 'response_type is missing');
  if (response_type !== 'code') throw new OAuthError('unsupported_response_type', 'response_type is code');
  if (response_mode !== undefined && !responseModes.some((mode) => mode === response_mode))
    throw new OAuthError('invalid_request', `response_mode is one of ${responseModes.join(', ')}`);
}

function requireGrantType(client: Client): void {
  if (!mayUse(client, 'authorization_code'))
    throw new OAuthError('unauthorized_client', 'the client is not registered for authorization_code');
}

/** RFC 7636 4.4.1; without a method the RFC means `plain`, which OAuth 2.1 no longer has. */
function readPkce({ code_challenge, code_challenge_method }: AuthorizationParameters, client: Client): string | null {
  if (code_challenge === undefined && code_challenge_method === undefined && !mustUsePkce(client)) return null;
  if (code_challenge === undefined) throw new OAuthError('invalid_request', 'code_challenge is missing');
  if (code_challenge_method !== 'S256') throw new OAuthError('invalid_request', 'code_challenge_method is S256');
  if (!isS256Challenge(code_challenge))
    throw new OAuthError('invalid_request', 'code_challenge is the base64url SHA-256 of the verifier');
  return code_challenge;
}

/** OIDC Core 3.1.2.1: `none` stands alone. A word that nobody defined is ignored, as every unknown parameter is. */
function readPrompt({ prompt }: AuthorizationParameters): Prompt[] {
  const asked = prompt?.split(' ') ?? [];
  if (asked.includes('none') && asked.length > 1)
    throw new OAuthError('invalid_request', 'prompt=none goes with no other value');
  return prompts.filter((one) => asked.includes(one));
}

function readMaxAge({ max_age }: AuthorizationParameters, client: Client): number | null {
  if (max_age === undefined) return client.metadata.default_max_age ?? null;
  if (!/^\d{1,9}$/.test(max_age)) throw new OAuthError('invalid_request', 'max_age is a number of seconds');
  return Number(max_age);
}

/** RFC 9449 10: a base64url SHA-256 (RFC 7638). */
function readDpopThumbprint({ dpop_jkt }: AuthorizationParameters): string | null {
  if (dpop_jkt === undefined) return null;
  if (!/^[A-Za-z0-9_-]{43}$/.test(dpop_jkt))
    throw new OAuthError('invalid_request', 'dpop_jkt is the base64url SHA-256 thumbprint of a key');
  return dpop_jkt;
}
