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

  /** Throws `dependency-unavailable` until the follower has caught up for the first time, and while the guard is stale. */
  require(): void {
    this.loaded ||= !this.health.readiness().failing.some(({ part }) => part === FOLLOWER);
    if (!this.loaded)
      throw new Problem('dependency-unavailable', { detail: 'The service is starting.', retryAfterSeconds: 1 });
    if (!this.freshness.isFresh)
      throw new Problem('dependency-unavailable', {
        detail: 'It cannot be told which tokens were revoked.',
        retryAfterSeconds: 1,
      });
  }
}
