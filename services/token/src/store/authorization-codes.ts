import type { Tx } from '@gatehouse/database';
import type { AuthorizationCode } from '../domain/authorization-code.ts';

/** Authorization codes, by the hash of their value. */
export abstract class AuthorizationCodes {
  abstract add(tx: Tx, codeHash: Buffer, code: Omit<AuthorizationCode, 'sessionEndsAt'>): Promise<void>;
  /** Used ones too, for a day after their expiry; null where it is unknown. */
  abstract find(codeHash: Buffer): Promise<AuthorizationCode | null>;
  /** Takes back what an account allowed a client and the client has not fetched yet. */
  abstract removeUnused(tx: Tx, of: { readonly accountId: string; readonly clientId: string }): Promise<void>;
  /** Forgets the unused ones of a session that has ended; waits for exchanges that are under way. */
  abstract forgetOfSession(tx: Tx, sessionId: string): Promise<void>;
  /** Marks it used. @returns false where it was used already */
  abstract consume(tx: Tx, codeHash: Buffer, now: Date): Promise<boolean>;
}
