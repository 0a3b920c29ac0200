import { parseArgs } from 'node:util';
import { ConfigError } from '@gatehouse/config';
import type { Variables } from '@gatehouse/config';
import { configureLogging, runInContext } from '@gatehouse/telemetry';
import type { Command } from './command.ts';
import { deadLetterCommands } from './commands/dead-letters.ts';
import { keyCommands } from './commands/keys.ts';
import { migrateCommand } from './commands/migrate.ts';
import { offsetCommands } from './commands/offsets.ts';
import { outboxCommands } from './commands/outbox.ts';
import { commandHelp, overview } from './help.ts';
import { operatorContext } from './operator-context.ts';
import { UsageError } from './usage-error.ts';

export const commands: readonly Command[] = [
  migrateCommand,
  ...deadLetterCommands,
  ...offsetCommands,
  ...outboxCommands,
  ...keyCommands,
];

export interface Surroundings {
  readonly env: Variables;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
}

/** Runs one command line and resolves with the exit code: 0 done, 1 failed, 2 not understood. */
export async function gatehouse(args: readonly string[], { env, print, printError }: Surroundings): Promise<0 | 1 | 2> {
  // The command speaks to a person; what the libraries log is for machines, and failures are thrown as well.
  configureLogging({ service: 'gatehouse', level: 'silent' });
  try {
    const { command, rest } = findCommand(args);
    if (!command) {
      print(overview(commands));
      return 0;
    }
    const { values, positionals } = parse(command, rest);
    if (values['help']) print(commandHelp(command));
    else
      await runInContext(operatorContext(env), () => command.run({ words: positionals, options: values, env, print }));
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      printError(`${error.message}\nSee: gatehouse --help`);
      return 2;
    }
    printError(explain(error));
    return 1;
  }
}

/** The longest name that the arguments begin with; no command where they ask for help only. */
function findCommand(args: readonly string[]): { command?: Command; rest: readonly string[] } {
  const [first, second] = args;
  if (first === undefined || ['help', '--help', '-h'].includes(first)) return { rest: [] };
  const name = (candidate: string | undefined) => commands.find((command) => command.name === candidate);
  const two = name(`${first} ${second}`);
  if (two) return { command: two, rest: args.slice(2) };
  const one = name(first);
  if (one) return { command: one, rest: args.slice(1) };
  const family = commands.filter((command) => command.name.startsWith(`${first} `));
  if (family.length === 0) throw new UsageError(`There is no command "${first}".`);
  throw new UsageError(`Say what to do: ${family.map((command) => `gatehouse ${command.name}`).join(', ')}.`);
}

function parse(command: Command, args: readonly string[]) {
  const options = { ...command.options, help: { type: 'boolean', short: 'h' } } as const;
  const { values, positionals } = understand(() => parseArgs({ args: [...args], options, allowPositionals: true }));
  if (positionals.length > command.maxWords)
    throw new UsageError(`"${positionals[command.maxWords]}" is one word too many.`);
  // No option of any command may be repeated, so none is an array.
  return { values: values as Record<string, string | boolean | undefined>, positionals };
}

function understand<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The error and what caused it, without stack traces: an operator acts on sentences. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const sentences: string[] = [];
  for (let link = error; link instanceof Error && sentences.length < 4; link = link.cause) {
    const sentence = link.message || link.name;
    if (!sentences.includes(sentence)) sentences.push(sentence);
  }
  return sentences.length > 0 ? sentences.join('\n  because: ') : String(error);
}
