import type { Tx } from '@gatehouse/database';

export interface InitialAccessToken {
  readonly id: string;
  readonly tokenHash: Buffer;
  readonly usesLeft: number;
  readonly expiresAt: Date;
}

/** Tokens with which clients can be registered (RFC 7591 3). */
export abstract class InitialAccessTokens {
  abstract add(tx: Tx, token: InitialAccessToken): Promise<void>;
  /** The id of a token that may be used now; null where there is none. */
  abstract findUsable(tokenHash: Buffer, now: Date): Promise<string | null>;
  /** @returns false, and changes nothing, where the token is used up or has expired */
  abstract use(tx: Tx, id: string, now: Date): Promise<boolean>;
}
