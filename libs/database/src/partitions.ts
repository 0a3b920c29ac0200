import type { Database } from './database.ts';
import type { Tx } from './transaction.ts';

/** One part of a table that is partitioned by range of time. */
export interface Partition {
  /** `<table>_<first day>`. */
  readonly name: string;
  /** First instant that the partition takes. */
  readonly from: Date;
  /** First instant that it no longer takes. */
  readonly to: Date;
}

/** The partition of `table` that begins at `from`, the midnight (UTC) of a day, and is `lengthMs` long. */
export function partitionFrom(table: string, from: Date, lengthMs: number): Partition {
  const day = from.toISOString().slice(0, 10).replaceAll('-', '');
  return { name: `${table}_${day}`, from, to: new Date(from.getTime() + lengthMs) };
}

/** The first day of a partition named by `partitionFrom`, or undefined for any other table. */
export function partitionBegin(table: string, name: string): Date | undefined {
  const day = name.startsWith(`${table}_`) ? /^(\d{4})(\d{2})(\d{2})$/.exec(name.slice(table.length + 1)) : null;
  return day ? new Date(`${day[1]}-${day[2]}-${day[3]}T00:00:00Z`) : undefined;
}

/** The names of the partitions that `table` has. */
export async function partitionsOf(database: Pick<Database, 'query'>, table: string): Promise<string[]> {
  const rows = await database.query<{ name: string }>(
    `SELECT relname AS name FROM pg_inherits JOIN pg_class ON oid = inhrelid
     WHERE inhparent = $1::regclass ORDER BY relname`,
    [table],
  );
  return rows.map(({ name }) => name);
}

/**
 * Creates the partition unless it is there, as a table of its own that is attached: unlike CREATE TABLE ... PARTITION OF,
 * that does not stop inserts.
 */
export async function attachPartition(tx: Tx, table: string, { name, from, to }: Partition): Promise<void> {
  const [found] = await tx.query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [name]);
  if (found?.exists) return;
  await tx.query(`CREATE TABLE ${name} (LIKE ${table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
  await tx.query(
    `ALTER TABLE ${table} ATTACH PARTITION ${name}
     FOR VALUES FROM ('${from.toISOString()}') TO ('${to.toISOString()}')`,
  );
}
