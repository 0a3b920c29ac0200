import type { TrustedIssuerInput } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import type { ListPage, PageRequest } from '@gatehouse/http';

export interface TrustedIssuer extends TrustedIssuerInput {
  readonly id: string;
  /** Raised by every change. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Issuers whose assertions count (RFC 7523 2.1). Nothing of them is remembered: a change counts at the next assertion. */
export abstract class TrustedIssuers {
  /** The one with exactly this `iss`; null where it is not trusted. */
  abstract findByIssuer(issuer: string): Promise<TrustedIssuer | null>;
  /** In the transaction, where one is given, which has to hold the lock of the id. */
  abstract find(id: string, tx?: Tx): Promise<TrustedIssuer | undefined>;
  /** In the order of their ids, which is that of their creation. */
  abstract list(page: PageRequest): Promise<ListPage<TrustedIssuer>>;
  /** Throws `already-exists` where the issuer is trusted already; so does `save`. */
  abstract add(tx: Tx, id: string, described: TrustedIssuerInput): Promise<TrustedIssuer>;
  abstract save(tx: Tx, id: string, described: TrustedIssuerInput): Promise<TrustedIssuer>;
  abstract remove(tx: Tx, id: string): Promise<void>;
}
