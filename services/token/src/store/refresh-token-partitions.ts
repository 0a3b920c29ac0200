/** The table of refresh tokens consists of a partition for each week of expiry, so that what expired goes at once. */
export abstract class RefreshTokenPartitions {
  /** Creates the weeks that tokens may be put into from now on, and drops those whose tokens have all expired. */
  abstract keep(now: Date): Promise<void>;
}
