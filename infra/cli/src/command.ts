import type { ParseArgsConfig } from 'node:util';
import type { Variables } from '@gatehouse/config';

export type Options = NonNullable<ParseArgsConfig['options']>;

/** What a command was called with. */
export interface Invocation {
  /** The words behind the command's name. */
  readonly words: readonly string[];
  /** Options by name; a repeated option counts with its last value. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly env: Variables;
  readonly print: (text: string) => void;
}

/** One command of `gatehouse`. */
export interface Command {
  /** One or two words: `migrate`, `dlq list`. */
  readonly name: string;
  /** What follows the name, as help shows it. */
  readonly synopsis: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What a reader needs to know before using it; several lines. */
  readonly description: string;
  readonly options: Options;
  /** How each option is explained. */
  readonly optionHelp: Readonly<Record<string, string>>;
  /** Most words that may follow. */
  readonly maxWords: number;
  run(invocation: Invocation): Promise<void>;
}
