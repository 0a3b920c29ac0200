const NIL_UUID = '00000000-0000-0000-0000-000000000000';

/** Lower than every id, to begin a list with. */
export const beforeFirstId = (after: string | null) => after ?? NIL_UUID;

/** Columns that every changeable resource has. */
export const RESOURCE_COLUMNS = 'version, created_at, updated_at';
/** What every change of a resource does beside its purpose. */
export const TOUCH = 'version = version + 1, updated_at = now()';

/** A row with the columns of resource `R` as the resource itself: instants become ISO 8601 text in UTC. */
export function toResource<R>(row: object): R {
  const fields = Object.entries(row).map(([name, value]: [string, unknown]) => [
    name,
    value instanceof Date ? value.toISOString() : value,
  ]);
  return Object.fromEntries(fields) as R; // -- each statement selects the columns of its resource
}

/** The one row of a statement that changes a row which is known to exist. */
export function onlyRow<T>([row]: readonly T[]): T {
  if (row === undefined) throw new Error('a row that this transaction has read is gone');
  return row;
}
