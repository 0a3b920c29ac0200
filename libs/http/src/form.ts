import { Problem } from '@gatehouse/problem';
import { z } from 'zod';

export type Parameters = Record<string, string | string[]>;

/** How the parameters of a query or form are read. */
export interface ParameterRules {
  /** Parameters that may be repeated, and are always a list (RFC 8707's `resource`). */
  readonly repeatable: ReadonlySet<string>;
  /** RFC 6749 3.1: a parameter without a value is as if it were omitted. */
  readonly dropEmpty: boolean;
}

/** The rules that follow from a schema: its array fields are repeatable. */
export function parameterRules(schema: z.ZodObject<z.core.$ZodShape>, dropEmpty: boolean): ParameterRules {
  const repeatable = Object.entries(schema.shape).flatMap(([name, field]) => (isArray(field) ? [name] : []));
  return { repeatable: new Set(repeatable), dropEmpty };
}

function isArray(schema: z.core.$ZodType): boolean {
  if (schema instanceof z.ZodArray) return true;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return isArray(schema.unwrap());
  if (schema instanceof z.ZodPipe) return isArray(schema.in);
  return false;
}

/**
 * Reads `application/x-www-form-urlencoded` text. Throws `Problem('invalid-input')` for bytes that are not UTF-8, which a lenient
 * decoder would turn into other text, and for a parameter given more than once (RFC 6749 3.1 and 3.2). With `repeated` the names
 * of such parameters are added there instead, and the first value of each counts.
 */
export function parseParameters(text: string, rules: ParameterRules, repeated?: string[]): Parameters {
  const parameters: Parameters = Object.create(null) as Parameters; // -- a parameter may be named __proto__
  if (text === '') return parameters;
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = decode(at < 0 ? pair : pair.slice(0, at));
    const value = at < 0 ? '' : decode(pair.slice(at + 1));
    if (value === '' && rules.dropEmpty) continue;
    if (repeated && name in parameters && !rules.repeatable.has(name)) repeated.push(name);
    else addParameter(parameters, name, value, rules);
  }
  return parameters;
}

function addParameter(parameters: Parameters, name: string, value: string, rules: ParameterRules): void {
  const given = parameters[name];
  if (rules.repeatable.has(name)) parameters[name] = Array.isArray(given) ? [...given, value] : [value];
  else if (given === undefined) parameters[name] = value;
  else throw new Problem('invalid-input', { errors: [{ parameter: name, detail: 'is given more than once' }] });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Problem('invalid-input', { detail: 'The parameters are not percent-encoded UTF-8' });
  }
}
