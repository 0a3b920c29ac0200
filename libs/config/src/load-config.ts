import type { AnySettings, ConfigOf, ConfigProblem, Shape } from './settings.ts';
import { Secret } from './secret.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** Every problem of a configuration at once. It names variables and examples, never a given value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ variable, problem, example }) => {
      const hint = example === undefined ? '' : ` Example: ${variable}=${example}`;
      return `  ${variable} ${problem}.${hint}`;
    });
    super(
      [`The configuration has ${problems.length} problem${problems.length === 1 ? '' : 's'}:`, ...lines].join('\n'),
    );
  }
}

/** What a rule of any fragment takes; each rule was typed where it was declared. */
type AnyRuleInput = Parameters<AnySettings['rules'][number]>[0];

/** Reading this setting is pointless: it is wrong, and that is already reported. */
class WrongSetting extends Error {}

/**
 * Parses `variables` (an empty one counts as unset) by `config`; throws a `ConfigError` with ALL problems: of single
 * settings, of rules across settings, and in production of the hardening audit.
 */
export function loadConfig<C extends AnySettings>(config: C, variables: Variables): ConfigOf<C> {
  const { parsed, problems } = parseEach(config.shape as Shape, variables);
  const wrong = new Set(problems.map((problem) => problem.variable));
  const values = new Proxy(parsed, {
    get(target, name) {
      if (wrong.has(String(name))) throw new WrongSetting();
      return Reflect.get(target, name) as unknown;
    },
  }) as ConfigOf<C>; // -- every key of the shape is parsed, and a wrong one throws
  for (const rule of config.rules) problems.push(...unlessWrong(() => rule(values as AnyRuleInput)));
  if (parsed['GATEHOUSE_ENV'] === 'production') problems.push(...auditHardening(config, values).map(asProblem));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(parsed) as ConfigOf<C>; // -- see above, and none is wrong
}

/** What is unsafe about a configuration, whatever its environment; empty where nothing is. */
export function auditHardening<C extends AnySettings>(config: C, values: ConfigOf<C>): string[] {
  const own = config.hardening.flatMap((rule) => unlessWrong(() => rule(values as AnyRuleInput)));
  return [...own, ...auditSecrets(config.shape as Shape, values)];
}

function parseEach(shape: Shape, variables: Variables) {
  const parsed: Record<string, unknown> = {};
  const problems: ConfigProblem[] = [];
  for (const [variable, schema] of Object.entries(shape)) {
    const text = variables[variable]?.trim() === '' ? undefined : variables[variable];
    const result = schema.safeParse(text);
    if (result.success) {
      parsed[variable] = result.data;
      continue;
    }
    const problem = text === undefined ? 'is required' : (result.error.issues[0]?.message ?? 'is not valid');
    const example = schema.meta()?.['example'];
    problems.push({ variable, problem, example: typeof example === 'string' ? example : undefined });
  }
  return { parsed, problems };
}

function unlessWrong<T>(rule: () => readonly T[]): readonly T[] {
  try {
    return rule();
  } catch (error) {
    if (error instanceof WrongSetting) return [];
    throw error;
  }
}

function asProblem(finding: string): ConfigProblem {
  const [variable = '', ...rest] = finding.split(' ');
  return { variable, problem: `${rest.join(' ')} (unsafe in production)` };
}

const placeholder = /change.?me|password|passw0rd|^secret|example|placeholder|^test|12345678|(.)\1{7}/i;

/** Secrets that are no secrets: placeholders, the documented example, one value used twice. */
function auditSecrets(shape: Shape, values: Readonly<Record<string, unknown>>): string[] {
  const findings: string[] = [];
  const seen = new Map<string, string>();
  for (const [variable, schema] of Object.entries(shape)) {
    const value = unlessWrong(() => [values[variable]])[0];
    if (!(value instanceof Secret)) continue;
    const text = URL.parse(value.reveal())?.password || value.reveal();
    if (text === schema.meta()?.['example'] || placeholder.test(text)) findings.push(`${variable} is a placeholder`);
    const twin = seen.get(text);
    if (twin !== undefined) findings.push(`${variable} has the same value as ${twin}`);
    seen.set(text, variable);
  }
  return findings;
}
