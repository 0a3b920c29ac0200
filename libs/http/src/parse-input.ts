import type { Endpoint } from '@gatehouse/contracts';
import { Problem, type InputError } from '@gatehouse/problem';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AccessInput } from './access.ts';
import type { InputWithRepeated } from './endpoint.ts';
import { parameterRules, parseParameters, type ParameterRules } from './form.ts';

type Place = 'path' | 'query' | 'headers' | 'json' | 'form';

/** The parser of one endpoint's requests; every failure is a `Problem('invalid-input')` that lists what is wrong. */
export interface InputParser {
  /** Path, query and headers: what the permission may depend on. */
  target(request: FastifyRequest): AccessInput & InputWithRepeated & { readonly headers?: unknown };
  body(request: FastifyRequest): InputWithRepeated & { readonly json?: unknown; readonly form?: unknown };
}

const nothing: Readonly<Record<string, unknown>> = Object.freeze({});
const noParameters = z.strictObject({});

/** Prepares an endpoint's schemas once, at boot. Unknown fields are refused, except where an RFC says to ignore them. */
export function inputParser(endpoint: Endpoint): InputParser {
  const { path, query, headers, json, form } = endpoint.input;
  const lenient = endpoint.errorFormat !== undefined && endpoint.errorFormat !== 'problem';
  const strict = <T extends z.ZodType>(schema: T): z.ZodType => (lenient ? schema : refuseUnknown(schema));
  const pathSchema = path && refuseUnknown(path);
  const querySchema = query ? strict(query) : lenient ? undefined : noParameters;
  const queryRules = parameterRules(query ?? noParameters, lenient);
  const formRules = form && parameterRules(form, lenient);
  const bodySchema = json ? strict(json) : form && strict(form);
  return {
    target(request) {
      const repeated = endpoint.answersRepeated && [];
      return {
        path: pathSchema ? (parse(pathSchema, request.params, 'path') as AccessInput['path']) : nothing,
        query: querySchema ? readQuery(querySchema, queryRules, request, repeated) : nothing,
        ...(headers && { headers: parse(headers, request.headers, 'headers') }),
        ...(repeated && { repeated }),
      };
    },
    body(request) {
      if (!bodySchema) return nothing;
      if (!formRules) return { json: parse(bodySchema, request.body ?? undefined, 'json') };
      const text = typeof request.body === 'string' ? request.body : '';
      const repeated = endpoint.answersRepeated && [];
      const form = parse(bodySchema, parseParameters(text, formRules, repeated), 'form');
      return { form, ...(repeated && { repeated }) };
    },
  };
}

function readQuery(
  schema: z.ZodType,
  rules: ParameterRules,
  request: FastifyRequest,
  repeated: string[] | undefined,
): AccessInput['query'] {
  const url = request.raw.url ?? '';
  const at = url.indexOf('?');
  if (at < 0 && schema === noParameters) return nothing;
  const parameters = parseParameters(at < 0 ? '' : url.slice(at + 1), rules, repeated);
  return parse(schema, parameters, 'query') as AccessInput['query'];
}

/** An object that says nothing about further fields gets none. */
function refuseUnknown(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodObject && schema.def.catchall === undefined ? schema.strict() : schema;
}

function parse(schema: z.ZodType, value: unknown, place: Place): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Problem('invalid-input', { errors: result.error.issues.flatMap((issue) => inputErrors(issue, place)) });
}

function inputErrors(issue: z.core.$ZodIssue, place: Place): InputError[] {
  const at = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [located(at, detailOf(issue), place)];
  return issue.keys.map((key) => located([...at, key], 'is not known here', place));
}

function detailOf(issue: z.core.$ZodIssue): string {
  return issue.message.endsWith('received undefined') ? 'is required' : issue.message;
}

/** RFC 9457 3: a JSON pointer into the body as a URI fragment, or the name of a parameter. */
function located(path: string[], detail: string, place: Place): InputError {
  if (place !== 'json') return { parameter: path.join('.'), detail };
  const pointer = path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return { pointer: `#${encodeURI(pointer)}`, detail };
}
