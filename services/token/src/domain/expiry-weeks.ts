const WEEK_MS = 7 * 86_400_000;
/** A host whose clock runs ahead must not take away what others still use. */
const DROP_AFTER_MS = 86_400_000;

/** The rows of one table that expire in one week (UTC; weeks begin where the epoch's do, on a Thursday). */
export interface ExpiryWeek {
  /** `<table>_<first day>`. */
  readonly name: string;
  readonly from: Date;
  /** First instant that it no longer takes. */
  readonly to: Date;
}

/** Every week in which something may expire that lives `lifetimeMs` from now on, or from any instant of the coming week. */
export function weeksAhead(table: string, now: Date, lifetimeMs: number): ExpiryWeek[] {
  const first = Math.floor(now.getTime() / WEEK_MS);
  const last = Math.floor((now.getTime() + lifetimeMs) / WEEK_MS) + 1;
  return Array.from({ length: last - first + 1 }, (_, week) => {
    const from = new Date((first + week) * WEEK_MS);
    return { name: `${table}_${dayOf(from)}`, from, to: new Date(from.getTime() + WEEK_MS) };
  });
}

/** Whether all that the partition `name` of `table` holds has expired; false for a table of another name. */
export function isOver(table: string, name: string, now: Date): boolean {
  const day = name.startsWith(`${table}_`) ? /^(\d{4})(\d{2})(\d{2})$/.exec(name.slice(table.length + 1)) : null;
  if (!day) return false;
  const end = Date.parse(`${day[1]}-${day[2]}-${day[3]}T00:00:00Z`) + WEEK_MS;
  return end + DROP_AFTER_MS <= now.getTime();
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10).replaceAll('-', '');
}
