/** Whether a grant is over with its session; null is one that outlives it. */
export function hasEnded(sessionEndsAt: Date | null, now: Date): boolean {
  return sessionEndsAt !== null && sessionEndsAt <= now;
}

/** The end of a grant: its own, or that of the session with which it ends. */
export function endOfGrant(ownEnd: Date, sessionEndsAt: Date | null): Date {
  return sessionEndsAt !== null && sessionEndsAt < ownEnd ? sessionEndsAt : ownEnd;
}
