import type { ContractBreak, Contracts } from './compatibility.ts';
import type { JsonSchema } from './json-schema.ts';
import { schemaBreaks, type Direction } from './schema-compatibility.ts';

/** The parts of a generated OpenAPI document that compatibility depends on. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
interface Operation {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly 'x-permission'?: object;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: JsonSchema;
}
type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

/** What `service` no longer answers as it did to a caller that follows the released contracts. */
export function endpointBreaks(service: string, released: Contracts, current: Contracts): ContractBreak[] {
  return Object.entries(released.openapi[service]!.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, was]) => {
      const is = current.openapi[service]?.paths[path]?.[method];
      const contract = `endpoint ${was.operationId} (${method.toUpperCase()} ${path})`;
      const reasons = is ? operationBreaks(was, is) : ['was removed'];
      return reasons.map((what) => ({ service, contract, what, breaks: [`callers of ${was.operationId}`] }));
    }),
  );
}

function operationBreaks(was: Operation, is: Operation): string[] {
  return [...accessBreaks(was, is), ...parameterBreaks(was, is), ...bodyBreaks(was, is), ...successBreaks(was, is)];
}

function accessBreaks(was: Operation, is: Operation): string[] {
  const accessOf = ({ security, 'x-permission': permission }: Operation) => JSON.stringify({ security, permission });
  return is.security.length === 0 || accessOf(was) === accessOf(is)
    ? []
    : ['asks for other credentials or permissions'];
}

function parameterBreaks(was: Operation, is: Operation): string[] {
  const same = (a: Parameter) => (b: Parameter) => a.name === b.name && a.in === b.in;
  const added = is.parameters.filter((parameter) => parameter.required && !was.parameters.some(same(parameter)));
  return [
    ...added.map(({ name }) => `parameter ${name} was added and is required`),
    ...was.parameters.flatMap((before) => {
      const after = is.parameters.find(same(before));
      if (!after) return [`parameter ${before.name} was removed`];
      const becameRequired = after.required && !before.required ? [`parameter ${before.name} has become required`] : [];
      return [...becameRequired, ...described(`parameter ${before.name}`, before.schema, after.schema, 'input')];
    }),
  ];
}

function bodyBreaks(was: Operation, is: Operation): string[] {
  if (!was.requestBody) return is.requestBody ? ['needs a request body'] : [];
  return contentBreaks('request body', was.requestBody.content, is.requestBody?.content ?? {}, 'input');
}

function successBreaks(was: Operation, is: Operation): string[] {
  const success = Object.entries(was.responses).filter(([status]) => Number(status) < 400);
  return success.flatMap(([status, before]) => {
    const after = is.responses[status];
    if (!after) return [`no longer answers ${status}`];
    return contentBreaks(`response ${status}`, before.content ?? {}, after.content ?? {}, 'output');
  });
}

function contentBreaks(part: string, was: Content, is: Content, direction: Direction): string[] {
  return Object.entries(was).flatMap(([mediaType, before]) => {
    const after = is[mediaType];
    return after ? described(part, before.schema, after.schema, direction) : [`${part} is no longer ${mediaType}`];
  });
}

function described(part: string, was: JsonSchema, is: JsonSchema, direction: Direction): string[] {
  return schemaBreaks(was, is, direction).map(({ pointer, what }) => `${part} ${pointer} ${what}`);
}
