import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@gatehouse/config';

const WINDOW_MS = 60_000;
/** How far the clock of another instance may be ahead of ours. */
const SKEW_MS = 10_000;

/**
 * The nonces of RFC 9449 8, for every endpoint and instance that shares the key, without any storage: an HMAC over the
 * number of the present minute. One is accepted for one to two minutes.
 */
export class DpopNonces {
  constructor(
    private readonly key: Secret,
    private readonly now: () => number = Date.now,
  ) {}

  /** The one to send as `DPoP-Nonce`. */
  current(): string {
    return this.at(this.now());
  }

  /** Whether it is of this minute or the one before, or of the next where another instance's clock is ahead. */
  accepts(nonce: string): boolean {
    const now = this.now();
    return [now, now - WINDOW_MS, now + SKEW_MS].some((atMs) => equal(nonce, this.at(atMs)));
  }

  private at(atMs: number): string {
    const window = Math.floor(atMs / WINDOW_MS);
    return createHmac('sha256', this.key.reveal()).update(`dpop-nonce:${window}`).digest('base64url');
  }
}

function equal(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
