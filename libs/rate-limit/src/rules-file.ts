import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { counter, gauge, log } from '@gatehouse/telemetry';
import { Rules } from './rules.ts';

const CHECK_EVERY_MS = 500;

/**
 * The rules of a file, read again when it changes. A file that cannot be read or is invalid changes nothing: the rules
 * that were in force stay, and log and metric say why. The text is compared and not a time of modification, because
 * mounted configuration is exchanged by links with any time.
 */
export class RulesFile {
  #rules: Rules;
  #text: string;
  #problem: string | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #reads = counter({
    name: 'rate_limit_rules_changes_total',
    help: 'Changes of the rule file: applied, or refused because it was invalid.',
    labels: ['outcome'],
  });

  /** @throws Error where the file is invalid: there are no rules yet that could stay */
  constructor(
    private readonly path: string,
    options: { readonly checkEveryMs?: number } = {},
  ) {
    this.#text = readFileSync(path, 'utf8');
    this.#rules = parsed(path, this.#text);
    gauge({
      name: 'rate_limit_rules_invalid',
      help: '1 while the rule file is invalid and the rules before it are in force.',
      collect: (metric) => metric.set(this.#problem === undefined ? 0 : 1),
    });
    this.#timer = setInterval(() => void this.#check(), options.checkEveryMs ?? CHECK_EVERY_MS).unref();
  }

  get rules(): Rules {
    return this.#rules;
  }

  /** Why the file is not in force; undefined where it is. */
  get problem(): string | undefined {
    return this.#problem;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #check(): Promise<void> {
    try {
      const text = await readFile(this.path, 'utf8');
      if (text === this.#text && this.#problem === undefined) return;
      if (text !== this.#text) this.#rules = parsed(this.path, text);
      this.#text = text;
      this.#problem = undefined;
      this.#reads.inc({ outcome: 'applied' });
      log('rate-limit').info({ rules: this.#rules.size }, 'rate_limit_rules_applied');
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (problem === this.#problem) return;
      this.#problem = problem;
      this.#reads.inc({ outcome: 'refused' });
      log('rate-limit').error({ problem }, 'rate_limit_rules_refused');
    }
  }
}

function parsed(path: string, text: string): Rules {
  try {
    return Rules.parse(text);
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
