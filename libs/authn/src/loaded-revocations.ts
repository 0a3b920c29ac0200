import { Injectable } from '@nestjs/common';
import { Health } from '@gatehouse/lifecycle';
import { Problem } from '@gatehouse/problem';
import { RevocationFreshness } from './revocation-freshness.ts';

/** The health part of libs/messaging that is ready once everything followed has been read. */
const FOLLOWER = 'follower';

/**
 * Keeps the API closed until all revocations are loaded, and whenever it is not known that all of 5 s ago are: an instance
 * that is not ready, or was cut off, must not pass on a token that was revoked.
 */
@Injectable()
export class LoadedRevocations {
  private loaded = false;

  constructor(
    private readonly health: Health,
    private readonly freshness: RevocationFreshness,
  ) {}

  /** Whether a guard may decide by what it knows: false until the follower has caught up for the first time, and while stale. */
  get current(): boolean {
    this.loaded ||= !this.health.readiness().failing.some(({ part }) => part === FOLLOWER);
    return this.loaded && this.freshness.isFresh;
  }

  /** Throws `dependency-unavailable` until the follower has caught up for the first time, and while the guard is stale. */
  require(): void {
    if (this.current) return;
    const detail = this.loaded ? 'It cannot be told which tokens were revoked.' : 'The service is starting.';
    throw new Problem('dependency-unavailable', { detail, retryAfterSeconds: 1 });
  }
}
