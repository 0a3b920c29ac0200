/** Rows that have outlived their use. */
export abstract class ExpiredRows {
  /** Deletes at most a thousand of each kind. @returns whether there may be more */
  abstract remove(now: Date): Promise<boolean>;
}
