import type { Tx } from '@gatehouse/database';
import type { AuthenticationContext } from '../domain/authentication-context.ts';

/** A login of one browser. */
export interface Session extends AuthenticationContext {
  readonly id: string;
  readonly accountId: string;
  /** Of the account at the login. */
  readonly accountVersion: number;
  readonly authenticatedAt: Date;
  readonly expiresAt: Date;
}

/** Sessions, by the hash of their cookie. */
export abstract class Sessions {
  abstract add(tx: Tx, session: Session, cookieHash: Buffer): Promise<void>;
  /** Null where there is none, it has expired, or the account's version was raised since. */
  abstract find(cookieHash: Buffer, now: Date): Promise<Session | null>;
  /**
   * Keeps the session from ending before the transaction does: what is made in it now, a logout will find.
   * @returns false where it has ended
   */
  abstract hold(tx: Tx, id: string): Promise<boolean>;
  /** The same session after a new login of its account: with the new cookie only. @returns false where it has ended */
  abstract renew(tx: Tx, session: Session, cookieHash: Buffer): Promise<boolean>;
  /** All that have not ended, of whatever version of the account. */
  abstract listOf(tx: Tx, accountId: string): Promise<readonly { readonly id: string }[]>;
  /** Waits for transactions that hold it. @returns false where it has ended already */
  abstract end(tx: Tx, id: string): Promise<boolean>;
}
