import { hasHash } from './opaque-token.ts';

export const grantTypes = ['authorization_code', 'refresh_token', 'client_credentials'] as const;
export type GrantType = (typeof grantTypes)[number];

/** A confidential OAuth client (RFC 6749 2). */
export interface Client {
  readonly id: string;
  /** Raised to end every token of the client. */
  readonly version: number;
  /** SHA-256 of a secret of at least 256 random bits. */
  readonly secretHash: Buffer;
  readonly redirectUris: readonly string[];
  readonly grantTypes: readonly GrantType[];
  readonly scopes: readonly string[];
  /** Names of the resources that it may ask tokens for; null allows every one. */
  readonly resources: readonly string[] | null;
}

/** RFC 6749 2.3.1: compared in constant time. */
export function hasSecret(client: Client, secret: string): boolean {
  return hasHash(secret, client.secretHash);
}

export function mayUse(client: Client, grantType: GrantType): boolean {
  return client.grantTypes.includes(grantType);
}

/** OAuth 2.1 2.3.1: simple string comparison, so nothing that merely resembles a registered URI passes. */
export function acceptsRedirect(client: Client, uri: string): boolean {
  return client.redirectUris.includes(uri);
}
