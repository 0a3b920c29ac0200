import { RedisUnavailable, type StateRedis } from '@gatehouse/cache';
import { setAnswerHeader } from '@gatehouse/http';
import { Problem } from '@gatehouse/problem';
import { counter, currentContext, gauge, log } from '@gatehouse/telemetry';
import { ipPrefix } from './ip-prefix.ts';
import { LocalBuckets } from './local-buckets.ts';
import type { Rule, RuleKey } from './rules.ts';
import type { RulesFile } from './rules-file.ts';
import { argumentsOf, take } from './take.script.ts';
import type { Mark, Taken, Taking } from './token-bucket.ts';

/** What a request takes a token for. */
export interface Spending {
  readonly key: RuleKey;
  /** Of the client, grant, account or network. */
  readonly id: string;
  /** For rules that name clients. */
  readonly clientId?: string | null;
  readonly mark?: Mark;
}

/** The buckets that a request was measured by. */
export interface Decision extends Taken {
  readonly rules: readonly Rule[];
}

const LOCAL_BUCKETS_MAX = 10_000;

/**
 * Token buckets in Redis, one call for a request, shared by every instance. While Redis is away, buckets of the same
 * rules in this process take over: callers see no error, and a metric says so.
 */
export class RateLimiter {
  readonly #local = new LocalBuckets({ bucketsMax: LOCAL_BUCKETS_MAX });
  #away = false;
  readonly #decisions = counter({
    name: 'rate_limit_decisions_total',
    help: 'Requests measured by a rule, by what it counts, what was decided and where.',
    labels: ['key', 'outcome', 'where'],
  });

  constructor(
    /** Whose keys these are. */
    private readonly service: string,
    private readonly redis: Pick<StateRedis, 'script'>,
    private readonly file: Pick<RulesFile, 'rules'>,
  ) {
    gauge({
      name: 'rate_limit_local',
      help: '1 while buckets of this process stand in for those in Redis.',
      collect: (metric) => metric.set(this.#away ? 1 : 0),
    });
  }

  /**
   * Takes a token for each of `spendings`, or none where one of them has none left. The answer to the request being
   * handled tells in its `RateLimit` fields what is left.
   * @throws Problem too-many-requests
   */
  async spend(path: string, ...spendings: Spending[]): Promise<void> {
    const decision = await this.decide(path, spendings);
    if (!decision) return;
    setAnswerHeader('ratelimit-policy', policyField(decision.rules));
    setAnswerHeader('ratelimit', rateLimitField(decision));
    if (!decision.allowed) throw tooManyRequests(decision.waitMs);
  }

  /** Takes like `spend` and leaves the rest to the caller; null where nothing is limited. */
  async decide(path: string, spendings: readonly Spending[]): Promise<Decision | null> {
    const { keys, rules, takings } = this.#buckets(path, spendings);
    if (keys.length === 0) return null;
    const taken = await this.#take(keys, takings);
    const outcome = taken.allowed ? 'allowed' : 'limited';
    this.#decisions.inc({ key: spendings[0]?.key ?? '', outcome, where: this.#away ? 'local' : 'redis' });
    return { allowed: taken.allowed, waitMs: taken.waitMs, states: taken.states, rules };
  }

  isLimited(path: string, { key, clientId = null }: Spending): boolean {
    return this.file.rules.find(path, key, clientId) !== undefined;
  }

  #buckets(path: string, spendings: readonly Spending[]) {
    const keys: string[] = [];
    const rules: Rule[] = [];
    const takings: Taking[] = [];
    for (const { key, id, clientId = null, mark } of spendings) {
      const rule = this.file.rules.find(path, key, clientId);
      if (!rule) continue;
      keys.push(`${this.service}:limit:${rule.prefix}${id}`);
      rules.push(rule);
      takings.push({ rule, mark });
    }
    return { keys, rules, takings };
  }

  async #take(keys: readonly string[], takings: readonly Taking[]): Promise<Taken> {
    try {
      const taken = await this.redis.script(take, keys, argumentsOf(takings));
      if (this.#away) this.#setAway(false);
      return taken;
    } catch (error) {
      // Whatever is wrong with Redis, a limit still holds and no caller gets an error for it.
      if (!this.#away) this.#setAway(true, error);
      else if (!(error instanceof RedisUnavailable)) log('rate-limit').error({ err: error }, 'rate_limit_failed');
      return this.#local.take(keys, takings);
    }
  }

  #setAway(away: boolean, error?: unknown): void {
    this.#away = away;
    if (away) log('rate-limit').warn({ err: error }, 'rate_limit_local');
    else log('rate-limit').info('rate_limit_shared');
  }
}

/** Of the request being handled; one for everything that has no address. */
export function currentNetwork(): string {
  const { ip } = currentContext();
  return ip === null ? 'none' : ipPrefix(ip);
}

/** RFC 6585 4. OAuth endpoints say it as `temporarily_unavailable`, see `refusalFor` in libs/http. */
export function tooManyRequests(waitMs: number): Problem {
  return new Problem('too-many-requests', { retryAfterSeconds: Math.max(1, waitMs / 1_000) });
}

/** draft-ietf-httpapi-ratelimit-headers-10, section 3. */
export function policyField(rules: readonly Rule[]): string {
  return rules.length === 1 && rules[0] ? rules[0].policy : rules.map(({ policy }) => policy).join(', ');
}

/**
 * draft-ietf-httpapi-ratelimit-headers-10, section 4. `r` is never more than the quota that the policy promises, though
 * a full bucket may hold more; `t` is when there is one more.
 */
export function rateLimitField({ rules, states }: Pick<Decision, 'rules' | 'states'>): string {
  let field = '';
  for (let i = 0; i < rules.length; i += 1) {
    const { name, limit } = rules[i] as Rule; // -- inside the array
    const { remaining, nextMs } = states[i] ?? { remaining: 0, nextMs: 0 };
    const reset = nextMs === 0 ? '' : `;t=${Math.ceil(nextMs / 1_000)}`;
    field += `${i === 0 ? '' : ', '}"${name}";r=${Math.min(remaining, limit)}${reset}`;
  }
  return field;
}
