import type { Tx } from '@gatehouse/database';

/** What accounts have allowed clients; one consent for each pair, which grows with what is allowed later. */
export abstract class Consents {
  /** Nothing where there is none. */
  abstract scopeOf(accountId: string, clientId: string): Promise<string[]>;
  /** Adds to what was allowed before. @returns all that is allowed now */
  abstract allow(
    tx: Tx,
    consent: { accountId: string; clientId: string; scope: readonly string[] },
    now: Date,
  ): Promise<string[]>;
}
