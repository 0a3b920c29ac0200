import { defineScript, type StateRedis } from '@gatehouse/cache';
import type { Shutdown } from '@gatehouse/lifecycle';
import { tooManyRequests, type RateLimiter, type Spending } from './rate-limiter.ts';

const SHARED_EVERY_MS = 500;
const BLOCKED_MAX = 1_000;

/** Keeps the blocks that end last, so that nobody can fill the server. */
const block = defineScript({
  name: 'block',
  lua: `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], 'GT', string.format('%.0f', now + ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ${BLOCKED_MAX})
redis.call('PEXPIRE', KEYS[1], ${86_400_000})
return 1`,
  parse: () => undefined,
});

/** Every block with the milliseconds that are left of it. */
const readBlocks = defineScript<[key: string, leftMs: number][]>({
  name: 'read-blocks',
  lua: `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
local blocks = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 2, #blocks, 2 do blocks[i] = blocks[i] - now end
return blocks`,
  parse: (reply) => {
    const flat = reply as (string | number)[]; // -- keys and numbers by turns, as the script returns them
    return flat.flatMap((key, i) => (i % 2 === 0 ? [[String(key), Number(flat[i + 1])] as [string, number]] : []));
  },
});

/**
 * Slows down whoever guesses. Only failures count, each in one atomic step, so of attempts at the same time no more are
 * answered than the rule allows. When the last token of a bucket is gone, its key is blocked until the next one comes,
 * and attempts are refused before anything is compared: at once in this instance, within a second in the others. So an
 * attempt that succeeds costs no call at all.
 */
export class FailureThrottle {
  readonly #blocked = new Map<string, number>();
  readonly #set: string;
  readonly #timer: NodeJS.Timeout;
  #reading = false;

  constructor(
    service: string,
    private readonly limiter: Pick<RateLimiter, 'decide' | 'isLimited'>,
    private readonly redis: Pick<StateRedis, 'script'>,
    shutdown: Pick<Shutdown, 'on'>,
  ) {
    this.#set = `${service}:limit:blocked`;
    this.#timer = setInterval(() => void this.#share(), SHARED_EVERY_MS).unref();
    shutdown.on('pools', 'failure throttle', () => Promise.resolve(clearInterval(this.#timer)));
  }

  /** No I/O, and no work for `spendings` while nobody is blocked. @throws Problem too-many-requests where one of these has failed too often */
  admit(path: string, spendings: () => readonly Spending[]): void {
    if (this.#blocked.size === 0) return;
    const now = performance.now();
    for (const spending of spendings()) {
      const left = (this.#blocked.get(nameOf(spending)) ?? 0) - now;
      // The rule is asked too, because a client that no rule limits may share its network with one that failed.
      if (left > 0 && this.limiter.isLimited(path, spending)) throw tooManyRequests(left);
    }
  }

  /** Counts a failure. @throws Problem too-many-requests where it was one too many, so that nobody learns of it */
  async failed(path: string, spendings: readonly Spending[]): Promise<void> {
    for (const spending of spendings) await this.#count(path, spending);
  }

  async #count(path: string, spending: Spending): Promise<void> {
    const decision = await this.limiter.decide(path, [spending]);
    const state = decision?.states[0];
    if (!decision || !state) return;
    if (state.remaining === 0) this.#block(nameOf(spending), state.nextMs);
    if (!decision.allowed) throw tooManyRequests(decision.waitMs);
  }

  #block(name: string, forMs: number): void {
    this.#remember(name, forMs);
    // While Redis is away each instance knows its own blocks only.
    this.redis.script(block, [this.#set], [name, forMs]).catch(() => undefined);
  }

  #remember(name: string, forMs: number): void {
    this.#blocked.delete(name);
    const [oldest] = this.#blocked.keys();
    if (this.#blocked.size >= BLOCKED_MAX && oldest !== undefined) this.#blocked.delete(oldest);
    this.#blocked.set(name, performance.now() + forMs);
  }

  async #share(): Promise<void> {
    const now = performance.now();
    for (const [name, until] of this.#blocked) if (until <= now) this.#blocked.delete(name);
    if (this.#reading) return;
    this.#reading = true;
    try {
      for (const [name, leftMs] of await this.redis.script(readBlocks, [this.#set])) this.#remember(name, leftMs);
    } catch {
      // The connection has said so already.
    } finally {
      this.#reading = false;
    }
  }
}

function nameOf({ key, id }: Spending): string {
  return `${key}:${id}`;
}
