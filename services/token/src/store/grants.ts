import type { Tx } from '@gatehouse/database';
import type { AuthorizationDetail } from '../domain/authorization-details.ts';
import type { AuthenticationContext } from '../domain/authentication-context.ts';
import type { ListPage, PageRequest } from '@gatehouse/http';
import type { ClaimsRequest } from '@gatehouse/contracts';
import type { RefreshTokenState } from '../domain/refresh-rotation.ts';

/** What a client holds for an account, from the exchange of a code to its expiry or revocation. */
export interface Grant extends AuthenticationContext {
  readonly id: string;
  readonly clientId: string;
  readonly accountId: string;
  /** Of the account at the login; the grant ends when the account's is higher. */
  readonly accountVersion: number;
  readonly sessionId: string;
  readonly scope: readonly string[];
  /** Audiences that the authorization named; none leaves it open. */
  readonly resources: readonly string[];
  /** RFC 9396. */
  readonly authorizationDetails: readonly AuthorizationDetail[];
  readonly authenticatedAt: Date;
  readonly claims: ClaimsRequest | null;
  /** The key that its public client proved at first and must prove at every refresh; null for any. */
  readonly dpopJkt: string | null;
  /** The same of its certificate (RFC 8705 4). */
  readonly certificateS256: string | null;
  /** No token of the grant outlives it. As it is read, it is that of the session where the grant ends with that first. */
  readonly expiresAt: Date;
}

export interface NewRefreshToken {
  readonly id: string;
  readonly tokenHash: Buffer;
  /** The end of its own time to be used. */
  readonly expiresAt: Date;
}

/** A refresh token with its grant, as it is inside the transaction that asked; it expires with the grant at the latest. */
export interface PresentedRefreshToken extends RefreshTokenState {
  readonly grant: Grant;
  /** Null before the first use. */
  readonly successorId: string | null;
  /** What is stored of the successor. */
  readonly successorHash: Buffer | null;
}

/** Grants with their chains of refresh tokens. A grant's advisory lock orders everything that happens to it. */
export abstract class Grants {
  abstract add(tx: Tx, grant: Grant): void;
  abstract addRefreshToken(tx: Tx, grantId: string, token: NewRefreshToken): void;
  /** Expired or revoked ones too, while they are stored; undefined where there is none. */
  abstract find(id: string): Promise<Grant | undefined>;
  /** Neither expired nor revoked, of an account or a client or both where they are named, in the order of creation. */
  abstract listLive(
    of: { readonly accountId?: string | undefined; readonly clientId?: string | undefined },
    page: PageRequest,
    now: Date,
  ): Promise<ListPage<Grant>>;
  /** The grant of a refresh token, used or not; null where the token is unknown. */
  abstract findByRefreshToken(tokenHash: Buffer): Promise<Grant | null>;
  /** The same of a token that still counts: not used, expired or revoked. It expires with its grant at the latest. */
  abstract findLiveRefreshToken(
    tokenHash: Buffer,
    now: Date,
  ): Promise<{ readonly grant: Grant; readonly expiresAt: Date } | null>;
  /** The claims that the authorization asked for by name; null where it asked for none or the grant is gone. */
  abstract claimsOf(grantId: string): Promise<ClaimsRequest | null>;
  /** A refresh token with its state, to be read under the grant's lock. */
  abstract readRefreshToken(tx: Tx, tokenHash: Buffer): Promise<PresentedRefreshToken>;
  /** Marks the token used and adds the one that replaces it; under the grant's lock, else the transaction fails. */
  abstract replaceRefreshToken(tx: Tx, tokenHash: Buffer, successor: NewRefreshToken, now: Date): void;
  /** Marks every grant of the account revoked. */
  abstract revokeAll(tx: Tx, accountId: string, now: Date): Promise<void>;
  /**
   * Ends the grants of a session that outlivesSession() does not spare. Needs no lock of theirs: a refresh that is under
   * way gives tokens that name the session, and the next one finds the grant revoked. @returns how many there were
   */
  abstract revokeOfSession(tx: Tx, sessionId: string, now: Date): Promise<number>;
  /** @returns false where the grant is unknown or was revoked already */
  abstract revoke(tx: Tx, grantId: string, now: Date): Promise<boolean>;
}
