import type { Tx } from '@gatehouse/database';
import type { ListPage, PageRequest } from '@gatehouse/http';

/** Who allowed whom. */
export interface ConsentParties {
  readonly accountId: string;
  readonly clientId: string;
}

export interface Consent {
  readonly clientId: string;
  readonly clientName: string | null;
  readonly scope: readonly string[];
  readonly givenAt: Date;
}

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
  abstract has(parties: ConsentParties): Promise<boolean>;
  /** @returns false where there was none */
  abstract remove(tx: Tx, parties: ConsentParties): Promise<boolean>;
  /** What an account has allowed, in the order of clients' ids. */
  abstract list(accountId: string, page: PageRequest): Promise<ListPage<Consent>>;
}
