import type { Tx } from '@gatehouse/database';

/** User codes that were tried and are none, by where they came from. */
export abstract class WrongUserCodes {
  abstract countSince(tx: Tx, source: string, since: Date): Promise<number>;
  abstract record(tx: Tx, source: string, now: Date): Promise<void>;
}
