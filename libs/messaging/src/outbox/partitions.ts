import { partitionBegin, partitionFrom } from '@gatehouse/database';
import type { Partition } from '@gatehouse/database';

const DAY_MS = 86_400_000;
/** How many days ahead a partition exists, today included: a week in which nothing has to work. */
const DAYS_AHEAD = 8;

/** The daily partitions (UTC) of `table` that should exist at `now`: today's and the following week's. */
export function partitionsAhead(table: string, now: Date): Partition[] {
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  return Array.from({ length: DAYS_AHEAD }, (_, day) => partitionFrom(table, new Date(today + day * DAY_MS), DAY_MS));
}

/** The end of a partition named by `partitionsAhead`, or undefined for any other table. */
export function partitionEnd(table: string, name: string): Date | undefined {
  const begin = partitionBegin(table, name);
  return begin && new Date(begin.getTime() + DAY_MS);
}

/** Creates what is missing. The parent is empty or unused: the statements lock it exclusively. */
export function createPartitionsSql(table: string, now: Date): string[] {
  return partitionsAhead(table, now).map(
    ({ name, from, to }) =>
      `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF ${table}
       FOR VALUES FROM ('${from.toISOString()}') TO ('${to.toISOString()}')`,
  );
}
