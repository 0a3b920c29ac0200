import type { Tx } from '@gatehouse/database';
import type { Draft } from '../domain/draft-entry.ts';
import type { PlacedEntry } from '../domain/place-entry.ts';

/** `new`: claimed by this transaction. `duplicate`: the same event has an entry. `conflict`: another event with its id has. */
export type Claim = 'new' | 'duplicate' | 'conflict';

/** Writes entries. Both methods run in the caller's transaction; what it rolls back was never there. */
export abstract class EntryWriter {
  /**
   * Claims each draft's identity, and says how that went, in the order of the drafts. Of two drafts with one identity
   * the first gets it. Waits for a transaction that is claiming the same identity.
   */
  abstract claim(tx: Tx, drafts: readonly Draft[]): Promise<Claim[]>;

  /**
   * Gives the drafts their places, in their order within each log, and stores them with their seals. Must come last:
   * from here to the end of the transaction nobody else can write to these logs.
   */
  abstract append(tx: Tx, drafts: readonly Draft[]): Promise<PlacedEntry[]>;
}
