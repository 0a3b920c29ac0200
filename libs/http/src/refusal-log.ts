/** An authenticated caller that lacked a permission. */
export interface Denial {
  /** The endpoint's id. */
  readonly endpoint: string;
  readonly permission: string;
  /** Null for the platform. */
  readonly organizationId: string | null;
  /** Whether the caller belongs to that organisation. */
  readonly belongs: boolean;
  readonly subjectId: string;
}

/** What one source was refused in one minute. */
export interface RefusedRequests {
  /** An IPv4 address, an IPv6 /64 network, or `other` where there were too many sources to tell apart. */
  readonly source: string;
  readonly windowStart: Date;
  /** Refusals by problem code. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Where refusals are recorded for the audit log; libs/authn implements it over the outbox. */
export abstract class RefusalLog {
  /** Resolves when the denial is durable: the 403, or the 404 that hides it, leaves only then. */
  abstract denied(denial: Denial): Promise<void>;
  abstract refused(requests: RefusedRequests): Promise<void>;
}
