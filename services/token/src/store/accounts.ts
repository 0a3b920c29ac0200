import type { Tx } from '@gatehouse/database';

export interface Account {
  readonly id: string;
  readonly addressId: string;
  readonly address: string;
  readonly locale: string | null;
  readonly verifiedAt: Date | null;
  readonly lastLoginAt: Date | null;
}

/** An account with what a login needs. */
export interface LoginAccount extends Account {
  /** Of the account; of its newest registration while the address is not proven. */
  readonly passwordHash: string;
  /** The newest registration; null once the address is proven. */
  readonly flowId: string | null;
  /** Raised to end every session, code, grant and token that was made before. */
  readonly version: number;
}

export interface NewAccount {
  readonly id: string;
  readonly addressId: string;
  readonly address: string;
  readonly addressKey: string;
  readonly locale: string | null;
  readonly createdAt: Date;
}

/** One attempt to prove the address of an unverified account; its mail flow has the same id. */
export interface Registration {
  readonly flowId: string;
  readonly accountId: string;
  readonly passwordHash: string;
  readonly createdAt: Date;
}

/** Accounts with the registrations that wait for the proof of their address. */
export abstract class Accounts {
  /** The account whose address has this key (`emailAddress().key`); null where there is none. */
  abstract findForLogin(addressKey: string): Promise<LoginAccount | null>;
  /** Null where there is none. */
  abstract find(id: string): Promise<Account | null>;
  /** The account that this registration belongs to; null where there is no such registration. */
  abstract findByFlow(flowId: string): Promise<Account | null>;
  /** @returns false, and changes nothing, where the address has an account by now */
  abstract add(tx: Tx, account: NewAccount): Promise<boolean>;
  abstract addRegistration(tx: Tx, registration: Registration): Promise<void>;
  /** A new flow with the password of an earlier one. @returns false where that one is gone */
  abstract repeatRegistration(tx: Tx, earlierFlowId: string, flowId: string, now: Date): Promise<boolean>;
  /**
   * Puts the password of the proven registration in force and forgets the others.
   * @returns false, and changes nothing, unless this address of the account still waits for its proof
   */
  abstract verify(tx: Tx, proof: { accountId: string; addressId: string; flowId: string }, now: Date): Promise<boolean>;
  /**
   * Raises the account's version, and waits for grants that are being made from the present one.
   * @returns the new version; null where there is no such account
   */
  abstract raiseVersion(tx: Tx, accountId: string): Promise<number | null>;
  abstract recordLogin(tx: Tx, accountId: string, ipAddress: string | null, now: Date): Promise<void>;
  /** Counts a wrong password; does the same work where `accountId` is null, so that the time tells nothing. */
  abstract recordFailedLogin(tx: Tx, accountId: string | null): Promise<void>;
}
