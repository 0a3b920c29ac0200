import { z } from 'zod';
import type { Environment } from './environment.ts';

export type Shape = Readonly<Record<string, z.ZodType>>;
export type ValuesOf<S> = { readonly [K in keyof S]: S[K] extends z.ZodType ? z.output<S[K]> : never };

export interface ConfigProblem {
  readonly variable: string;
  readonly problem: string;
  readonly example?: string | undefined;
}

/** What a rule sees: its own settings, and where it runs. */
export type RuleInput<S> = ValuesOf<S> & { readonly GATEHOUSE_ENV: Environment };

/**
 * Settings keyed by their environment variables, with the rules that span several of them. A library exports a value of
 * this type as its fragment; a service combines fragments with `defineConfig`.
 */
export interface Settings<S> {
  readonly shape: S;
  /** Run in every environment. A rule that reads a setting which is itself wrong is left out. */
  readonly rules: readonly ((config: RuleInput<S>) => readonly ConfigProblem[])[];
  /** The hardening audit: each string says what is unsafe. Production refuses to start, staging warns. */
  readonly hardening: readonly ((config: RuleInput<S>) => readonly string[])[];
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- rules are contravariant in the shape
export type AnySettings = Settings<any>;
/** The parsed configuration of `defineConfig(...)` or of one fragment. */
export type ConfigOf<C extends AnySettings> = ValuesOf<C['shape']>;

type Merged<F extends readonly AnySettings[]> = F extends readonly [
  infer Head extends AnySettings,
  ...infer Rest extends readonly AnySettings[],
]
  ? Head['shape'] & Merged<Rest>
  : unknown;
type Flattened<S> = { readonly [K in keyof S]: S[K] };

/** Documents one setting; `example` is shown whenever the setting is missing or wrong. */
export function setting<T extends z.ZodType>(schema: T, documentation: { example: string; description: string }): T {
  return schema.meta(documentation);
}

/** A fragment: settings that belong together, with their cross-field `rules` and `hardening`. */
export function settings<S extends Shape>(
  shape: S,
  options: {
    readonly rules?: (config: RuleInput<S>) => readonly ConfigProblem[];
    readonly hardening?: (config: RuleInput<S>) => readonly string[];
  } = {},
): Settings<S> {
  return {
    shape,
    rules: options.rules ? [options.rules] : [],
    hardening: options.hardening ? [options.hardening] : [],
  };
}

/** Combines fragments into one configuration. Throws where two fragments declare the same variable. */
export function defineConfig<const F extends readonly AnySettings[]>(...fragments: F): Settings<Flattened<Merged<F>>> {
  const shape: Record<string, z.ZodType> = {};
  for (const [name, schema] of fragments.flatMap((fragment) => Object.entries(fragment.shape as Shape))) {
    if (Object.hasOwn(shape, name)) throw new Error(`${name} is declared twice`);
    shape[name] = schema;
  }
  return {
    shape: shape as Flattened<Merged<F>>, // -- the loop above builds exactly the intersection of the fragments
    rules: fragments.flatMap((fragment) => fragment.rules),
    hardening: fragments.flatMap((fragment) => fragment.hardening),
  };
}

/** One row of the documentation of a configuration. */
export interface SettingDescription {
  readonly variable: string;
  readonly description: string;
  readonly example: string;
  readonly required: boolean;
  /** As it would be written; undefined where there is none. */
  readonly default: string | undefined;
}

/** Every setting as a reader needs it; guides are generated from this, so a documented default is the real one. */
export function describeSettings(config: AnySettings): SettingDescription[] {
  return Object.entries(config.shape as Shape).map(([variable, schema]) => {
    const { description = '', example } = schema.meta() ?? {};
    const unset = schema.safeParse(undefined);
    return {
      variable,
      description,
      example: typeof example === 'string' ? example : '',
      required: !unset.success,
      default: unset.success ? written(unset.data) : undefined,
    };
  });
}

/** A default as an operator would write it. */
function written(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.join(',');
  return value === undefined ? undefined : JSON.stringify(value).replace(/^"|"$/g, '');
}
