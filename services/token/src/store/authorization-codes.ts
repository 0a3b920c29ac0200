import type { Tx } from '@gatehouse/database';
import type { AuthorizationCode } from '../domain/authorization-code.ts';

/** Authorization codes, by the hash of their value. */
export abstract class AuthorizationCodes {
  abstract add(tx: Tx, codeHash: Buffer, code: AuthorizationCode): Promise<void>;
  /** Used ones too, for a day after their expiry; null where it is unknown. */
  abstract find(codeHash: Buffer): Promise<AuthorizationCode | null>;
  /** Forgets the unused ones of a session that has ended; waits for exchanges that are under way. */
  abstract forgetOfSession(tx: Tx, sessionId: string): Promise<void>;
  /** Marks it used. @returns false where it was used already */
  abstract consume(tx: Tx, codeHash: Buffer, now: Date): Promise<boolean>;
}
