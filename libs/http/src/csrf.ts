import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@gatehouse/config';
import { Problem } from '@gatehouse/problem';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Cookies } from './cookies.ts';

const COOKIE = 'csrf';
const LIFETIME_SECONDS = 3_600;

/**
 * Protects forms against requests that another site makes the browser send: a signed double submit. The form carries an
 * HMAC over a random cookie of this browser, a purpose and the time, so a token works in one browser, for one form
 * (or session) and for an hour. Nothing is stored.
 */
export class CsrfProtection {
  constructor(
    private readonly key: Secret,
    private readonly cookies: Cookies,
    private readonly now: () => number = Date.now,
  ) {}

  /** The token for a hidden field; sets the browser's cookie where it has none. `purpose` names the form or session. */
  issue(request: FastifyRequest, reply: FastifyReply, purpose: string): string {
    const browser = this.cookies.get(request, COOKIE) ?? this.#newBrowser(reply);
    const issuedAt = Math.floor(this.now() / 1_000).toString(36);
    return `${issuedAt}.${this.#sign(browser, purpose, issuedAt)}`;
  }

  /** Throws `Problem('csrf-token-invalid')` unless `token` was issued to this browser for `purpose` within the hour. */
  verify(request: FastifyRequest, purpose: string, token: string | undefined): void {
    const browser = this.cookies.get(request, COOKIE);
    const [issuedAt = '', signature = ''] = token?.split('.') ?? [];
    const ageSeconds = this.now() / 1_000 - parseInt(issuedAt, 36);
    const valid =
      browser !== undefined &&
      ageSeconds >= -1 &&
      ageSeconds <= LIFETIME_SECONDS &&
      equal(signature, this.#sign(browser, purpose, issuedAt));
    if (!valid) throw new Problem('csrf-token-invalid');
  }

  #newBrowser(reply: FastifyReply): string {
    const browser = randomBytes(24).toString('base64url');
    this.cookies.set(reply, COOKIE, browser);
    return browser;
  }

  #sign(browser: string, purpose: string, issuedAt: string): string {
    const parts = JSON.stringify([browser, purpose, issuedAt]);
    return createHmac('sha256', this.key.reveal()).update(parts).digest('base64url');
  }
}

function equal(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
