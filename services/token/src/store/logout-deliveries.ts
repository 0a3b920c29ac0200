import type { ListPage, PageRequest } from '@gatehouse/http';
import type { LogoutDeliveryState } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';

/** A notice of a logout that this process has taken for one attempt. */
export interface DueLogout {
  readonly id: string;
  readonly clientId: string;
  readonly accountId: string;
  readonly sessionId: string;
  /** The number of this attempt: no other process holds the same one. */
  readonly attempt: number;
  readonly traceparent: string | null;
}

export interface EndedSession {
  readonly id: string;
  readonly accountId: string;
  readonly traceparent: string | null;
}

/** Where a notice stands. */
export interface LogoutDelivery {
  readonly id: string;
  readonly clientId: string;
  readonly accountId: string;
  readonly sessionId: string;
  readonly state: LogoutDeliveryState;
  readonly attempts: number;
  /** Of the last answer; null where there was none. */
  readonly lastStatus: number | null;
  readonly createdAt: Date;
  /** Says something only while it is queued. */
  readonly nextAttemptAt: Date;
  readonly endedAt: Date | null;
}

export interface LogoutDeliveryFilter {
  readonly state?: LogoutDeliveryState | undefined;
  readonly clientId?: string | undefined;
}

export interface TakenAtMost {
  /** All together. */
  readonly limit: number;
  /** Of one client. */
  readonly perClient: number;
  /** Clients that get no more for now. */
  readonly busyClients: readonly string[];
  /** How long they are held: without a record by then they are taken again. */
  readonly leaseMs: number;
}

export interface LogoutBacklog {
  readonly queued: number;
  readonly failed: number;
  /** How long the one has waited that is due the longest; 0 where none is due. */
  readonly overdueSeconds: number;
}

/** Clients to tell of a logout. A notice is held by a lease that is committed, so no transaction is open meanwhile. */
export abstract class LogoutDeliveries {
  /** Queues one for each client that had a grant in the session and wants to be told. @returns how many */
  abstract addForSession(tx: Tx, session: EndedSession): Promise<number>;
  /** Takes some that are due, the one that has been due the longest first. */
  abstract take(atMost: TakenAtMost): Promise<DueLogout[]>;
  /** @returns false where it had ended before */
  abstract recordDelivered(tx: Tx, delivery: DueLogout): Promise<boolean>;
  /** Makes it a dead letter. @returns false where it had ended before, or another process holds it by now */
  abstract recordFailed(tx: Tx, delivery: DueLogout, status: number | null): Promise<boolean>;
  /** Due again after the pause; does nothing where another process holds it by now. */
  abstract postpone(delivery: DueLogout, pauseMs: number, status: number | null): Promise<void>;
  /** A dead letter is due at once and has all of its attempts before it. @returns what it was; null where it is none */
  abstract requeue(tx: Tx, id: string): Promise<LogoutDelivery | null>;
  /** In the order in which they were queued. */
  abstract list(filter: LogoutDeliveryFilter, page: PageRequest): Promise<ListPage<LogoutDelivery>>;
  abstract find(id: string): Promise<LogoutDelivery | undefined>;
  abstract backlog(): Promise<LogoutBacklog>;
}
