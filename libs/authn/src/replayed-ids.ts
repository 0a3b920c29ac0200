import { hash } from 'node:crypto';
import type { RedisConnection } from '@gatehouse/cache';

/** Clocks of instances differ: one that is late must still find what another has kept. */
const MARGIN_SECONDS = 30;

/** An id that may be used once. */
export interface OneTimeId {
  /** What it is an id of; ids of different kinds never meet. */
  readonly kind: 'dpop-proof' | 'client-assertion' | 'request-object' | 'jwt-bearer';
  /** Who chose it: the thumbprint of the key, or the client or issuer. */
  readonly owner: string;
  readonly id: string;
  /** From when on whatever carries it is refused for its age, in seconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * Remembers used ids in the Redis `state` for as long as they could be used again, for all instances of a service. There
 * is no way around it: while that Redis is away, nothing passes.
 */
export class ReplayedIds {
  constructor(
    private readonly redis: Pick<RedisConnection, 'run'>,
    /** Its keys start with `<service>:`. */
    private readonly service: string,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * True for the first use of an id and false for every other. Throws `dependency-unavailable` with Retry-After where that
   * cannot be told; the id may then be used up all the same.
   */
  async use({ kind, owner, id, expiresAt }: OneTimeId): Promise<boolean> {
    const key = `${this.service}:used:${hash('sha256', JSON.stringify([kind, owner, id]), 'base64url')}`;
    const seconds = Math.max(Math.ceil(expiresAt - this.now() / 1_000), 0) + MARGIN_SECONDS;
    return (await this.redis.run((redis) => redis.set(key, '1', 'EX', seconds, 'NX'))) === 'OK';
  }
}
