import { writeFileSync } from 'node:fs';
import { REVOCATIONS_SCOPE, services } from '@gatehouse/contracts';

/** An OAuth client that exists from the first start on. */
export interface SeedClient {
  readonly id: string;
  readonly secret: string;
  readonly grant_types: readonly ('authorization_code' | 'refresh_token' | 'client_credentials')[];
  readonly redirect_uris: readonly string[];
  readonly scopes: readonly string[];
}

/** A verified account that exists from the first start on. */
export interface SeedAccount {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

/** What the token service's `SEED_FILE` holds; production refuses the setting. */
export interface Seed {
  readonly clients: readonly SeedClient[];
  readonly accounts: readonly SeedAccount[];
}

/** Where the demo client receives its authorization codes; `npm run journey` listens there. */
export const DEMO_REDIRECT_URI = 'http://127.0.0.1:4999/callback';

/** A person who exists from the first start on; the password is generated. */
export const DEMO_USER = { id: '019ac000-0000-7000-8000-000000000001', email: 'demo@gatehouse.test' };

/**
 * A client for each service, `admin` for management calls, and `demo`, an ordinary confidential client. `secret` gives
 * the secret of a name: `<client>-client`.
 */
export function seedClients(secret: (name: string) => string): SeedClient[] {
  const machine = (id: string): SeedClient => ({
    id,
    secret: secret(`${id}-client`),
    grant_types: ['client_credentials'],
    redirect_uris: [],
    scopes: [],
  });
  const demo: SeedClient = {
    ...machine('demo'),
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    redirect_uris: [DEMO_REDIRECT_URI],
    scopes: ['openid', 'email'],
  };
  const guard = (id: string): SeedClient => ({ ...machine(id), scopes: [REVOCATIONS_SCOPE] });
  return [...services.map(guard), machine('admin'), demo];
}

/** Writes a seed file that only its owner can read. */
export function writeSeed(file: string, seed: Seed): void {
  writeFileSync(file, `${JSON.stringify(seed, null, 2)}\n`, { mode: 0o600 });
}
