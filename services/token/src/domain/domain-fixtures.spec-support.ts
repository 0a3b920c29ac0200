import { clientMetadata } from '@gatehouse/contracts';
import type { Client } from './client.ts';
import type { Resource } from './resource.ts';
import { hashOf } from './opaque-token.ts';

export const SECRET = 'a secret with far more than two hundred and fifty-six bits of nothing in particular';

/** What a client has that registers nothing. */
export const metadata = clientMetadata.parse({});

export function clientWith(changes: Partial<Client> = {}): Client {
  return {
    id: 'demo',
    version: 0,
    secretHashes: [hashOf(SECRET)],
    sealedSecrets: [],
    redirectUris: ['https://app.example/callback'],
    grantTypes: ['authorization_code', 'refresh_token'],
    scopes: ['openid', 'email'],
    resources: null,
    mayAct: null,
    metadata,
    firstParty: true,
    pkceRequired: true,
    securityProfile: null,
    ...changes,
  };
}

export function resourceWith(name: string, url: string, changes: Partial<Resource> = {}): Resource {
  return { name, url, client_id: null, scopes: null, authorization_details_types: [], ...changes };
}

/** The codes of errors that a call throws, or 'none'. */
export function errorCode(call: () => unknown): string {
  try {
    call();
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
}
