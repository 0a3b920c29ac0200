import { Injectable } from '@nestjs/common';
import { Health } from '@gatehouse/lifecycle';
import { Problem } from '@gatehouse/problem';

/** The health part of libs/messaging that is ready once everything followed has been read. */
const FOLLOWER = 'follower';

/**
 * Keeps the API closed until all revocations are loaded: an instance that is not ready should get no requests, but one that
 * comes all the same must not pass on a token that was revoked.
 */
@Injectable()
export class LoadedRevocations {
  private loaded = false;

  constructor(private readonly health: Health) {}

  /** Throws `dependency-unavailable` until the follower has caught up for the first time. */
  require(): void {
    this.loaded ||= !this.health.readiness().failing.some(({ part }) => part === FOLLOWER);
    if (!this.loaded)
      throw new Problem('dependency-unavailable', { detail: 'The service is starting.', retryAfterSeconds: 1 });
  }
}
