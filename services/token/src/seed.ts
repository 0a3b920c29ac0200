import { readFile } from 'node:fs/promises';
import {
  clientChanged,
  clientMetadata,
  clientPolicy,
  clientRegistered,
  resourceAdded,
  resourceChanged,
} from '@gatehouse/contracts';
import { uuidv7, type Database, type Tx } from '@gatehouse/database';
import { operatorOutbox } from '@gatehouse/messaging';
import { seedFile, type Seed } from './config.ts';
import { publicFacts } from './domain/client-change.ts';
import { withDependentDefaults } from './domain/client-registration.ts';
import { emailAddress } from './domain/email-address.ts';
import { hashOf } from './domain/opaque-token.ts';
import { hashPassword } from './password-hasher.ts';

/** Creates the clients, resources and accounts of `SEED_FILE`, where one is named. Repeatable: what is there already is neither written nor told. */
export async function seedDatabase(
  tx: Tx,
  env: Readonly<Record<string, string | undefined>>,
  database: Database,
): Promise<void> {
  const { SEED_FILE: path, GATEHOUSE_ENV: environment } = env;
  if (!path) return;
  if (environment === 'production') throw new Error('SEED_FILE is for development and tests, not for production');
  const seed = seedFile.parse(JSON.parse(await readFile(path, 'utf8')));
  for (const client of seed.clients) await upsertClient(database, client);
  for (const resource of seed.resources) await upsertResource(database, resource);
  for (const account of seed.accounts) await addVerifiedAccount(tx, account);
}

/** In a transaction of its own, since the keys under which events may be published are known at its start only. */
async function upsertClient(database: Database, client: Seed['clients'][number]): Promise<void> {
  const { id, secret, scopes, first_party, resources, ...given } = client;
  const metadata = withDependentDefaults({ ...given, scope: scopes.join(' ') });
  const policy = { first_party, ...(resources && { resources }) };
  const facts = publicFacts({ id, metadata: clientMetadata.parse(metadata), policy: clientPolicy.parse(policy) });
  const outbox = operatorOutbox(database, 'token');
  await database.change([id], async (tx) => {
    const [written] = await tx.query<{ added: boolean }>(
      `INSERT INTO client AS c (id, secret_hashes, metadata, policy) VALUES ($1, $2, $3, $4)
       ON CONFLICT (id) DO UPDATE SET secret_hashes = excluded.secret_hashes, metadata = excluded.metadata,
         policy = excluded.policy, version = c.version + 1, updated_at = now()
       WHERE (c.secret_hashes, c.metadata, c.policy) IS DISTINCT FROM (excluded.secret_hashes, excluded.metadata, excluded.policy)
       RETURNING xmax = 0 AS added`,
      [id, secret === undefined ? [] : [hashOf(secret)], metadata, policy],
    );
    if (written?.added === true)
      await outbox.append(tx, clientRegistered, { ...facts, registered_by: 'seed', initial_access_token_id: null });
    if (written?.added === false) await outbox.append(tx, clientChanged, facts);
  });
}

async function upsertResource(database: Database, resource: Seed['resources'][number]): Promise<void> {
  const { name, url, client_id, scopes, authorization_details_types: types } = resource;
  const outbox = operatorOutbox(database, 'token');
  await database.change([name], async (tx) => {
    const [written] = await tx.query<{ added: boolean }>(
      `INSERT INTO resource AS r (name, url, client_id, scopes, authorization_details_types) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (name) DO UPDATE SET url = excluded.url, client_id = excluded.client_id, scopes = excluded.scopes,
         authorization_details_types = excluded.authorization_details_types, version = r.version + 1, updated_at = now()
       WHERE (r.url, r.client_id, r.scopes, r.authorization_details_types)
         IS DISTINCT FROM (excluded.url, excluded.client_id, excluded.scopes, excluded.authorization_details_types)
       RETURNING xmax = 0 AS added`,
      [name, url, client_id, scopes && JSON.stringify(scopes), JSON.stringify(types)],
    );
    if (written) await outbox.append(tx, written.added ? resourceAdded : resourceChanged, resource);
  });
}

async function addVerifiedAccount(tx: Tx, account: Seed['accounts'][number]): Promise<void> {
  const { address, key } = emailAddress(account.email);
  const known = await tx.query('SELECT 1 FROM account WHERE id = $1 OR address_key = $2', [account.id, key]);
  if (known.length > 0) return;
  await tx.query(
    `INSERT INTO account (id, address_id, address, address_key, verified_at, password_hash, locale, created_at)
     VALUES ($1, $2, $3, $4, now(), $5, $6, now())`,
    [account.id, uuidv7(), address, key, await hashPassword(account.password), account.locale ?? null],
  );
}
