import type { ClientMetadata, GrantType } from '@gatehouse/contracts';
import { hasHash } from './opaque-token.ts';

/** A client's secret under a master key, because no hash can verify an HMAC (client_secret_jwt). */
export interface SealedSecret {
  readonly secretId: string;
  readonly masterKeyId: string;
  /** Base64. */
  readonly sealed: string;
}

/** An OAuth client (RFC 6749 2): what it registered, and what the operator decided about it. */
export interface Client {
  readonly id: string;
  /** Raised to end every token of the client. */
  readonly version: number;
  /** SHA-256 of secrets of at least 256 random bits; two while one replaces the other, none without a secret. */
  readonly secretHashes: readonly Buffer[];
  /** The same secrets, where the method needs them themselves. */
  readonly sealedSecrets: readonly SealedSecret[];
  readonly redirectUris: readonly string[];
  readonly grantTypes: readonly GrantType[];
  readonly scopes: readonly string[];
  /** Names of the resources that it may ask tokens for; null allows every one. */
  readonly resources: readonly string[] | null;
  /** Everything else that it registered, by the names of RFC 7591 2. */
  readonly metadata: Omit<ClientMetadata, 'redirect_uris' | 'grant_types' | 'scope'>;
  /** The only client that may act with its tokens (RFC 8693 4.4); null leaves that to permissions. */
  readonly mayAct: string | null;
  /** People are not asked whether they trust it. */
  readonly firstParty: boolean;
  readonly pkceRequired: boolean;
  readonly securityProfile: 'fapi2' | null;
}

/** RFC 6749 2.3.1: compared in constant time. */
export function hasSecret(client: Client, secret: string): boolean {
  return client.secretHashes.filter((hash) => hasHash(secret, hash)).length > 0;
}

/** RFC 6749 2.1: it cannot keep a secret, so that anyone may claim to be it. */
export function isPublic(client: Client): boolean {
  return client.metadata.token_endpoint_auth_method === 'none';
}

/** The claim `may_act` of its tokens (RFC 8693 4.4). */
export function mayActOf({ mayAct }: Client): { readonly sub: string } | null {
  return mayAct === null ? null : { sub: mayAct };
}

export function mayUse(client: Client, grantType: GrantType): boolean {
  return client.grantTypes.includes(grantType);
}

/** OAuth 2.1 7.6: of public clients always, so that no setting of theirs can take it away. */
export function mustUsePkce(client: Client): boolean {
  return client.pkceRequired || isPublic(client) || client.securityProfile === 'fapi2';
}

/** FAPI 2.0 5.3.2.1: what is bound to a client that authenticates by a key gains nothing by rotation. */
export function rotatesRefreshTokens(client: Client): boolean {
  return client.securityProfile !== 'fapi2';
}

/** RFC 9126 6: requests come from itself, not through the browser; FAPI 2.0 5.3.2.2 has it no other way. */
export function mustPushRequests(client: Client): boolean {
  return client.metadata.require_pushed_authorization_requests || client.securityProfile === 'fapi2';
}

/** RFC 9101 10.5: a request that anybody could have changed on its way is none of its own. */
export function mustSignRequests(client: Client): boolean {
  return client.metadata.require_signed_request_object;
}

/**
 * OAuth 2.1 2.3.1: simple string comparison, so nothing that merely resembles a registered URI passes. RFC 8252 7.3:
 * a native application's loopback address may have any port, because the system gives it one at each start.
 */
export function acceptsRedirect(client: Client, uri: string): boolean {
  if (client.redirectUris.includes(uri)) return true;
  if (client.metadata.application_type !== 'native') return false;
  const anyPort = withoutLoopbackPort(uri);
  return anyPort !== null && client.redirectUris.some((registered) => withoutLoopbackPort(registered) === anyPort);
}

/** Null for what is no `http` URI of a loopback IP literal. */
function withoutLoopbackPort(uri: string): string | null {
  const [, host, rest] = /^http:\/\/(127\.0\.0\.1|\[::1\])(?::\d{1,5})?((?:\/[^#\\]*)?)$/.exec(uri) ?? [];
  return host === undefined ? null : `http://${host}${rest ?? ''}`;
}
