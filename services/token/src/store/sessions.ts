import type { Tx } from '@gatehouse/database';
import type { AuthenticationContext } from '../domain/authentication-context.ts';

/** How long an instance may remember a session that it hears nothing of. */
export const SESSION_KEPT_MS = 60_000;

/** A login of one browser. */
export interface Session extends AuthenticationContext {
  readonly id: string;
  /** Another one after each login. */
  readonly cookieHash: Buffer;
  readonly accountId: string;
  /** Of the account at the login. */
  readonly accountVersion: number;
  readonly authenticatedAt: Date;
  readonly expiresAt: Date;
}

/** Sessions, by the hash of their cookie. */
export abstract class Sessions {
  abstract add(tx: Tx, session: Session): Promise<void>;
  /**
   * As it was a minute ago at most, and a second ago while changes are heard of; undefined where nothing is remembered, which
   * says nothing. No I/O. Good for what a person is shown next: before anything is given for it, `hold` it.
   */
  abstract remembered(cookieHash: Buffer, now: Date): Session | undefined;
  /** Forgets what is remembered of it, so that the next question is answered by the database. */
  abstract forget(id: string): void;
  /** As it is now; null where there is none, it has expired, or the account's version was raised since. */
  abstract find(cookieHash: Buffer, now: Date): Promise<Session | null>;
  /**
   * Keeps the session from ending before the transaction does: what is made in it now, a logout will find.
   * @returns false where it has ended, or has another cookie since a newer login
   */
  abstract hold(tx: Tx, session: Pick<Session, 'id' | 'cookieHash'>): Promise<boolean>;
  /** The same session after a new login of its account: with the new cookie only. @returns false where it has ended */
  abstract renew(tx: Tx, session: Session): Promise<boolean>;
  /** All that have not ended, of whatever version of the account. */
  abstract listOf(tx: Tx, accountId: string): Promise<readonly { readonly id: string }[]>;
  /** Waits for transactions that hold it. @returns false where it has ended already */
  abstract end(tx: Tx, id: string): Promise<boolean>;
}
