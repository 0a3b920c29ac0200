import { readFile } from 'node:fs/promises';
import { uuidv7, type Tx } from '@gatehouse/database';
import { seedFile, type Seed } from './config.ts';
import { emailAddress } from './domain/email-address.ts';
import { hashOf } from './domain/opaque-token.ts';
import { hashPassword } from './password-hasher.ts';

/** Creates the clients and accounts of `SEED_FILE`, where one is named. Repeatable. */
export async function seedDatabase(tx: Tx, env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const { SEED_FILE: path, GATEHOUSE_ENV: environment } = env;
  if (!path) return;
  if (environment === 'production') throw new Error('SEED_FILE is for development and tests, not for production');
  const seed = seedFile.parse(JSON.parse(await readFile(path, 'utf8')));
  for (const client of seed.clients) await upsertClient(tx, client);
  for (const account of seed.accounts) await addVerifiedAccount(tx, account);
}

async function upsertClient(tx: Tx, client: Seed['clients'][number]): Promise<void> {
  const { id, secret, scopes, first_party, resources, ...metadata } = client;
  await tx.query(
    `INSERT INTO client (id, secret_hashes, metadata, policy) VALUES ($1, $2, $3, $4)
     ON CONFLICT (id) DO UPDATE SET secret_hashes = excluded.secret_hashes, metadata = excluded.metadata,
       policy = excluded.policy, updated_at = now()`,
    [
      id,
      secret === undefined ? [] : [hashOf(secret)],
      { ...metadata, scope: scopes.join(' ') },
      { first_party, ...(resources && { resources }) },
    ],
  );
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
