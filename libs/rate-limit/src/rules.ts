import { parse } from 'yaml';
import { z } from 'zod';
import type { BucketRule } from './token-bucket.ts';

/** What a bucket belongs to. */
export const ruleKeys = [
  'client',
  'grant',
  'poll',
  'account',
  'principal',
  'ip',
  'failed-client',
  'failed-ip',
] as const;
export type RuleKey = (typeof ruleKeys)[number];

/** So that a full bucket and an hour's refill are exact in a double, in Lua as in JavaScript. */
const COUNT_MAX = 1_000_000;
const WINDOW_SECONDS_MAX = 86_400;
const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

const window = z
  .union([z.number().int(), z.string().regex(/^\d{1,6}[smh]$/, 'must be seconds, or a number with s, m or h')])
  .transform((value) =>
    typeof value === 'number' ? value : Number(value.slice(0, -1)) * (secondsOf[value.slice(-1)] ?? 1),
  )
  .pipe(z.number().min(1).max(WINDOW_SECONDS_MAX));

const scope = {
  endpoint: z.string().regex(/^(\*|\/[\w./{}-]*\*?)$/, 'must be a path, a path that ends with *, or *'),
  key: z.enum(ruleKeys).optional(),
  clients: z.array(z.string().min(1)).min(1).optional(),
};
const count = z.number().int().min(1).max(COUNT_MAX);

const limitedRule = z.strictObject({ ...scope, limit: count, window, burst: count });
const unlimitedRule = z.strictObject({ ...scope, limit: z.literal('unlimited') });
const rulesFile = z.strictObject({ rules: z.array(z.union([unlimitedRule, limitedRule])) });

/** A rule as the limiter uses it. */
export interface Rule extends BucketRule {
  /** Before the id of every bucket of this rule. A rule that counts in other units has other buckets. */
  readonly prefix: string;
  /** The policy's name in the `RateLimit` fields. */
  readonly name: string;
  /** This rule's item of `RateLimit-Policy`. */
  readonly policy: string;
}

interface Candidate {
  readonly endpoint: string;
  readonly key: RuleKey | undefined;
  readonly clients: ReadonlySet<string> | undefined;
  readonly bucket: Omit<Rule, 'prefix'> | null;
}

/** The rules of one file. The first that matches decides; where none does, nothing is limited. */
export class Rules {
  /** By path, because a rule is asked for at every request. Paths are those of endpoints, so they are few. */
  readonly #byPath = new Map<string, { readonly candidate: Candidate; readonly rules: Map<RuleKey, Rule> }[]>();

  private constructor(private readonly candidates: readonly Candidate[]) {}

  /** @throws Error that says what is wrong, and where */
  static parse(text: string): Rules {
    const parsed = rulesFile.safeParse(parse(text));
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
    return new Rules(parsed.data.rules.map(candidateOf));
  }

  get size(): number {
    return this.candidates.length;
  }

  /** Undefined where nothing is limited. */
  find(path: string, key: RuleKey, clientId: string | null): Rule | undefined {
    for (const { candidate, rules } of this.#of(path)) {
      if (candidate.key !== undefined && candidate.key !== key) continue;
      if (candidate.clients && !(clientId !== null && candidate.clients.has(clientId))) continue;
      if (!candidate.bucket) return undefined;
      let rule = rules.get(key);
      if (!rule) {
        const prefix = `${candidate.endpoint}:${key}:${candidate.bucket.windowMs}:`;
        rules.set(key, (rule = { ...candidate.bucket, prefix }));
      }
      return rule;
    }
    return undefined;
  }

  #of(path: string) {
    let matching = this.#byPath.get(path);
    if (!matching) {
      matching = this.candidates
        .filter(({ endpoint }) => matches(endpoint, path))
        .map((candidate) => ({ candidate, rules: new Map<RuleKey, Rule>() }));
      this.#byPath.set(path, matching);
    }
    return matching;
  }
}

function matches(endpoint: string, path: string): boolean {
  return endpoint.endsWith('*') ? path.startsWith(endpoint.slice(0, -1)) : endpoint === path;
}

function candidateOf(rule: z.output<typeof limitedRule> | z.output<typeof unlimitedRule>): Candidate {
  const { endpoint, key } = rule;
  const clients = rule.clients && new Set(rule.clients);
  if (rule.limit === 'unlimited') return { endpoint, key, clients, bucket: null };
  const { limit, window: seconds, burst } = rule;
  const name = key ?? 'default';
  const policy = `"${name}";q=${limit};w=${seconds}`;
  return { endpoint, key, clients, bucket: { limit, windowMs: seconds * 1_000, burst, name, policy } };
}
