import type { AuthorizationParameters } from '@gatehouse/contracts';
import { OAuthError } from '@gatehouse/problem';
import { acceptsRedirect, mayUse, type Client } from './client.ts';
import { isS256Challenge } from './pkce.ts';
import { requestedResources, type Resources } from './resource-indicators.ts';
import { requestedScope } from './scope.ts';

/** Where the answer to an authorization request goes. Once it is known, errors go there too. */
export interface ReturnAddress {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string | null;
}

/** A checked authorization request, as it waits for the login. */
export interface AuthorizationRequest extends ReturnAddress {
  readonly scope: readonly string[];
  readonly resources: readonly string[];
  readonly nonce: string | null;
  readonly codeChallenge: string;
}

/**
 * RFC 6749 4.1.2.1: whether the request names a client and one of its redirect URIs. Until then nothing may be sent to the URI that it names.
 * @returns null where the answer must stay on a page of ours
 */
export function returnAddressOf(parameters: AuthorizationParameters, client: Client | null): ReturnAddress | null {
  const { redirect_uri, state } = parameters;
  if (!client || redirect_uri === undefined || !acceptsRedirect(client, redirect_uri)) return null;
  return { clientId: client.id, redirectUri: redirect_uri, state: state ?? null };
}

/**
 * Everything that the client hears of by redirect, in the order in which it is told.
 * @throws OAuthError
 */
export function checkAuthorizationRequest(
  parameters: AuthorizationParameters,
  returnAddress: ReturnAddress,
  client: Client,
  resources: Resources,
): AuthorizationRequest {
  refuseRequestObjects(parameters);
  requireCodeResponse(parameters);
  requireGrantType(client);
  return {
    ...returnAddress,
    codeChallenge: requirePkce(parameters),
    scope: requestedScope(parameters.scope, client.scopes),
    resources: requestedResources(parameters.resource ?? [], client, resources),
    nonce: parameters.nonce ?? null,
  };
}

/** OIDC Core 6: a server without request objects says so instead of reading only the plain parameters. */
function refuseRequestObjects({ request, request_uri }: AuthorizationParameters): void {
  if (request !== undefined) throw new OAuthError('request_not_supported');
  if (request_uri !== undefined) throw new OAuthError('request_uri_not_supported');
}

/** OAuth 2.1 knows one response type; the answer is in the query. */
function requireCodeResponse({ response_type, response_mode }: AuthorizationParameters): void {
  if (response_type === undefined) throw new OAuthError('invalid_request', 'response_type is missing');
  if (response_type !== 'code') throw new OAuthError('unsupported_response_type', 'response_type is code');
  if (response_mode !== undefined && response_mode !== 'query')
    throw new OAuthError('invalid_request', 'response_mode is query');
}

function requireGrantType(client: Client): void {
  if (!mayUse(client, 'authorization_code'))
    throw new OAuthError('unauthorized_client', 'the client is not registered for authorization_code');
}

/** RFC 7636 4.4.1; without a method the RFC means `plain`, which OAuth 2.1 no longer has. */
function requirePkce({ code_challenge, code_challenge_method }: AuthorizationParameters): string {
  if (code_challenge === undefined) throw new OAuthError('invalid_request', 'code_challenge is missing');
  if (code_challenge_method !== 'S256') throw new OAuthError('invalid_request', 'code_challenge_method is S256');
  if (!isS256Challenge(code_challenge))
    throw new OAuthError('invalid_request', 'code_challenge is the base64url SHA-256 of the verifier');
  return code_challenge;
}
