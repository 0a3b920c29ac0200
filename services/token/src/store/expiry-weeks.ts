import { partitionBegin, partitionFrom, type Partition } from '@gatehouse/database';

const WEEK_MS = 7 * 86_400_000;
/** A host whose clock runs ahead must not take away what others still use. */
const DROP_AFTER_MS = 86_400_000;

/**
 * A partition of `table` for every week (UTC; weeks begin where the epoch's do, on a Thursday) in which something may
 * expire that lives `lifetimeMs` from now on, or from any instant of the coming week.
 */
export function weeksAhead(table: string, now: Date, lifetimeMs: number): Partition[] {
  const first = Math.floor(now.getTime() / WEEK_MS);
  const last = Math.floor((now.getTime() + lifetimeMs) / WEEK_MS) + 1;
  return Array.from({ length: last - first + 1 }, (_, week) =>
    partitionFrom(table, new Date((first + week) * WEEK_MS), WEEK_MS),
  );
}

/** Whether all that the partition `name` of `table` holds has expired; false for a table of another name. */
export function isOver(table: string, name: string, now: Date): boolean {
  const begin = partitionBegin(table, name);
  return begin !== undefined && begin.getTime() + WEEK_MS + DROP_AFTER_MS <= now.getTime();
}
