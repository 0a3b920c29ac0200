/** How much a bucket holds and how fast it fills. */
export interface BucketRule {
  /** New tokens in each window. */
  readonly limit: number;
  readonly windowMs: number;
  /** Tokens that a full bucket holds. */
  readonly burst: number;
}

/** Whoever presents the same thing again within `forMs` is not charged a second time. */
export interface Mark {
  readonly id: string;
  readonly forMs: number;
}

/**
 * What is kept of a bucket. `used` counts in units of which a token has `windowMs`, so that in each millisecond exactly
 * `limit` of them come back: whole numbers, nothing is ever rounded away.
 */
export interface Bucket {
  readonly used: number;
  readonly atMs: number;
  readonly markId: string;
  readonly markUntilMs: number;
}

export interface Taking {
  readonly rule: BucketRule;
  readonly mark?: Mark | undefined;
}

export interface BucketState {
  /** Whole tokens that are left. */
  readonly remaining: number;
  /** Until there is one more; 0 where the bucket is full. */
  readonly nextMs: number;
}

export interface Taken {
  readonly allowed: boolean;
  /** Until the same request would be allowed; 0 where it is. */
  readonly waitMs: number;
  /** Of each bucket, after the request. */
  readonly states: readonly BucketState[];
}

const empty: Bucket = { used: 0, atMs: 0, markId: '', markUntilMs: 0 };

/**
 * One token from each bucket, or from none where one of them has none left. `take.script.ts` is the same in Lua; the
 * two are compared by a property test.
 * @returns what was taken, and the buckets to keep; null where nothing changed
 */
export function takeFrom(
  buckets: readonly (Bucket | undefined)[],
  takings: readonly Taking[],
  nowMs: number,
): { readonly taken: Taken; readonly buckets: readonly Bucket[] | null } {
  const found = takings.map((taking, index) => lookInto(buckets[index] ?? empty, taking, nowMs));
  const allowed = found.every((one) => one.allowed);
  const next = found.map((one, index) => (allowed ? charge(one, takings[index] as Taking, nowMs) : one.bucket)); // -- as many as found
  const states = next.map((bucket, index) => stateOf(bucket.used, (takings[index] as Taking).rule)); // -- as many as found
  const waits = states.map(({ nextMs }, index) => (found[index]?.allowed ? 0 : nextMs));
  return { taken: { allowed, waitMs: Math.max(0, ...waits), states }, buckets: allowed ? next : null };
}

interface Found {
  readonly bucket: Bucket;
  readonly allowed: boolean;
  readonly free: boolean;
}

/** A clock that was set back fills nothing, and the bucket goes on from there. */
function lookInto(bucket: Bucket, { rule, mark }: Taking, nowMs: number): Found {
  const capacity = rule.burst * rule.windowMs;
  const filled = Math.max(0, nowMs - bucket.atMs) * rule.limit;
  const used = Math.max(0, Math.min(bucket.used, capacity) - filled);
  const free = mark !== undefined && mark.id === bucket.markId && nowMs < bucket.markUntilMs;
  return { bucket: { ...bucket, used, atMs: nowMs }, free, allowed: free || used + rule.windowMs <= capacity };
}

function charge({ bucket, free }: Found, { rule, mark }: Taking, nowMs: number): Bucket {
  if (free) return bucket;
  const used = bucket.used + rule.windowMs;
  return mark ? { used, atMs: nowMs, markId: mark.id, markUntilMs: nowMs + mark.forMs } : { ...bucket, used };
}

function stateOf(used: number, { limit, windowMs, burst }: BucketRule): BucketState {
  const remaining = Math.floor((burst * windowMs - used) / windowMs);
  const missing = used - (burst - remaining - 1) * windowMs;
  return { remaining, nextMs: used === 0 ? 0 : Math.ceil(missing / limit) };
}

/** After this long a bucket says nothing that an absent one does not. */
export function keptForMs({ used, markUntilMs, atMs }: Bucket, { limit }: BucketRule): number {
  return Math.max(1, Math.ceil(used / limit), markUntilMs - atMs);
}
