import { Secret } from '@gatehouse/config';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { advisoryKey } from './advisory-lock.ts';
import { connectionOptions } from './connection.ts';
import { Database } from './database.ts';
import type { Migration, ServiceOperator } from './operator.ts';
import { MIGRATIONS_TABLE, missingMigrations } from './schema-version.ts';

export type MigrationAction = 'up' | 'revert' | 'status';

export interface MigrationStatus {
  readonly name: string;
  readonly applied: boolean;
}

export interface MigrationReport {
  /** Every migration of the service in order, after the action. */
  readonly migrations: readonly MigrationStatus[];
  /** What this call ran, or took back. */
  readonly changed: readonly string[];
}

/** A migration waits this long for a lock and then gives up, rather than queue every statement behind it. */
const MIGRATION_SESSION = '-c statement_timeout=0 -c transaction_timeout=0 -c lock_timeout=10s';

/**
 * Runs every missing migration of a service in order, each in its own transaction, and then its `afterMigrate`; or
 * takes the last one back; or only looks. Holds an advisory lock throughout, so that two of these never run at a time:
 * the second waits.
 */
export async function migrate(
  operator: ServiceOperator,
  action: MigrationAction,
  env: Readonly<Record<string, string | undefined>>,
): Promise<MigrationReport> {
  const url = env[operator.databaseUrlVariable];
  if (!url) throw new Error(`${operator.databaseUrlVariable} is not set`);
  const target = { url: new Secret(url), applicationName: `${operator.service} migrate` };
  return withMigrationLock(target.url, async () => {
    const database = new Database({ ...target, entities: operator.entities, poolSize: 2, constraints: {} });
    await database.open();
    try {
      const changed = await run(operator, action, target.url);
      const { afterMigrate, publishes = [] } = operator;
      if (action === 'up' && afterMigrate) await database.change(publishes, (tx) => afterMigrate(tx, env, database));
      return { migrations: await statusOf(database, operator.migrations), changed };
    } finally {
      await database.close();
    }
  });
}

/** The names of migration classes, in the order in which they run. */
export function migrationNames(migrations: readonly Migration[]): string[] {
  const timestamp = (name: string) => Number(name.slice(-13));
  return migrations
    .map((migration) => new migration().name ?? migration.name)
    .sort((a, b) => timestamp(a) - timestamp(b));
}

async function statusOf(database: Database, migrations: readonly Migration[]): Promise<MigrationStatus[]> {
  const names = migrationNames(migrations);
  const missing = new Set(await missingMigrations(database, names));
  return names.map((name) => ({ name, applied: !missing.has(name) }));
}

async function run(operator: ServiceOperator, action: MigrationAction, url: Secret): Promise<string[]> {
  if (action === 'status') return [];
  const dataSource = new DataSource({
    type: 'postgres',
    url: url.reveal(),
    applicationName: `${operator.service} migrate`,
    entities: [],
    migrations: [...operator.migrations],
    migrationsTableName: MIGRATIONS_TABLE,
    migrationsTransactionMode: 'each',
    installExtensions: false,
    poolSize: 2,
    extra: { options: MIGRATION_SESSION },
  });
  await dataSource.initialize();
  try {
    if (action === 'up') return (await dataSource.runMigrations()).map(({ name }) => name);
    const before = await appliedBy(dataSource);
    await dataSource.undoLastMigration();
    const after = new Set(await appliedBy(dataSource));
    return before.filter((name) => !after.has(name));
  } finally {
    await dataSource.destroy();
  }
}

async function appliedBy(dataSource: DataSource): Promise<string[]> {
  const rows = await dataSource.query<{ name: string }[]>(`SELECT name FROM ${MIGRATIONS_TABLE}`);
  return rows.map(({ name }) => name);
}

async function withMigrationLock<T>(url: Secret, work: () => Promise<T>): Promise<T> {
  const options = connectionOptions({ url, applicationName: 'migration lock' });
  const client = new pg.Client({ ...options, query_timeout: 0, options: '-c statement_timeout=0' });
  await client.connect();
  try {
    await client.query(`SELECT pg_advisory_lock(${advisoryKey('gatehouse migrations')})`);
    return await work();
  } finally {
    await client.end();
  }
}
