const DAY_MS = 86_400_000;
/** How many days ahead a partition exists, today included: a week in which nothing has to work. */
const DAYS_AHEAD = 8;

export interface Partition {
  readonly name: string;
  /** First instant that the partition takes. */
  readonly from: Date;
  /** First instant that it no longer takes. */
  readonly to: Date;
}

/** The daily partitions (UTC) of `table` that should exist at `now`: today's and the following week's. */
export function partitionsAhead(table: string, now: Date): Partition[] {
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  return Array.from({ length: DAYS_AHEAD }, (_, day) => {
    const from = new Date(today + day * DAY_MS);
    return { name: `${table}_${dayOf(from)}`, from, to: new Date(from.getTime() + DAY_MS) };
  });
}

/** The day of a partition named by `partitionsAhead`, or undefined for any other table. */
export function partitionEnd(table: string, name: string): Date | undefined {
  const day = name.startsWith(`${table}_`) ? /^(\d{4})(\d{2})(\d{2})$/.exec(name.slice(table.length + 1)) : null;
  return day ? new Date(Date.parse(`${day[1]}-${day[2]}-${day[3]}T00:00:00Z`) + DAY_MS) : undefined;
}

/** Creates what is missing. The parent is empty or unused: the statements lock it exclusively. */
export function createPartitionsSql(table: string, now: Date): string[] {
  return partitionsAhead(table, now).map(
    ({ name, from, to }) =>
      `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF ${table}
       FOR VALUES FROM ('${from.toISOString()}') TO ('${to.toISOString()}')`,
  );
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10).replaceAll('-', '');
}
