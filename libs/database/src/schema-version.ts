import type { Database } from './database.ts';

/** Where TypeORM keeps the names of the migrations that were run. */
export const MIGRATIONS_TABLE = 'schema_migration';

/** The migrations in `needed` that the database does not have yet; all of them where it was never migrated. */
export async function missingMigrations(
  database: Pick<Database, 'query'>,
  needed: readonly string[],
): Promise<string[]> {
  const [table] = await database.query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [
    MIGRATIONS_TABLE,
  ]);
  if (!table?.exists) return [...needed];
  const applied = await database.query<{ name: string }>(`SELECT name FROM ${MIGRATIONS_TABLE}`);
  const names = new Set(applied.map(({ name }) => name));
  return needed.filter((name) => !names.has(name));
}
