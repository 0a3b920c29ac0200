import type { JsonSchema } from './json-schema.ts';

/** `output`: the released side reads what the current side writes. `input`: the other way round. */
export type Direction = 'input' | 'output';

export interface SchemaBreak {
  /** RFC 6901 pointer of the value. */
  readonly pointer: string;
  readonly what: string;
}

interface Comparison {
  readonly released: JsonSchema;
  readonly current: JsonSchema;
  readonly direction: Direction;
  readonly pointer: string;
}

/**
 * Why a party that was written to `released` fails with `current`: a value that the writer may send and the reader
 * refuses, or a field that one side relies on and the other dropped. What it cannot judge it reports.
 */
export function schemaBreaks(released: JsonSchema, current: JsonSchema, direction: Direction): SchemaBreak[] {
  return compare({ released, current, direction, pointer: '' });
}

function compare(comparison: Comparison): SchemaBreak[] {
  const { reader, writer } = sides(comparison);
  const accepted = alternatives(reader);
  const written = alternatives(writer);
  if (accepted.length === 1 && written.length === 1) return compareSingle(comparison, accepted[0]!, written[0]!);
  return written.flatMap((sent) => {
    const attempts = accepted.map((taken) => compareSingle(comparison, taken, sent));
    return attempts.reduce((best, attempt) => (attempt.length < best.length ? attempt : best));
  });
}

function sides({ released, current, direction }: Comparison): { reader: JsonSchema; writer: JsonSchema } {
  return direction === 'output' ? { reader: released, writer: current } : { reader: current, writer: released };
}

/** A union's members; a nullable type array is a union too. */
function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  const union = schema.anyOf ?? schema.oneOf;
  if (union) return union.flatMap(alternatives);
  if (Array.isArray(schema.type)) return schema.type.map((type: string) => ({ ...schema, type }));
  return [schema];
}

function compareSingle(comparison: Comparison, reader: JsonSchema, writer: JsonSchema): SchemaBreak[] {
  const fail = (what: string): SchemaBreak => ({ pointer: comparison.pointer || '/', what });
  if (reader.type !== undefined && !accepts(reader.type as string, writer.type as string | undefined))
    return [fail(`may be ${describe(writer)} where ${describe(reader)} is read`)];
  return [
    ...valueBreaks(reader, writer).map(fail),
    ...boundBreaks(reader, writer).map(fail),
    ...unknownKeywordBreaks(reader, writer).map(fail),
    ...objectBreaks(comparison, reader, writer),
    ...childBreaks(comparison, reader, writer, 'items', '/-'),
    ...childBreaks(comparison, reader, writer, 'additionalProperties', '/*'),
  ];
}

function accepts(reader: string, writer: string | undefined): boolean {
  return reader === writer || (reader === 'number' && writer === 'integer');
}

function describe({ type }: JsonSchema): string {
  return typeof type === 'string' ? `\`${type}\`` : 'anything';
}

function valuesOf(schema: JsonSchema): readonly unknown[] | undefined {
  return 'const' in schema ? [schema.const] : schema.enum;
}

function valueBreaks(reader: JsonSchema, writer: JsonSchema): string[] {
  const taken = valuesOf(reader);
  if (!taken) return [];
  const sent = valuesOf(writer);
  if (!sent) return [`may have any value where one of ${JSON.stringify(taken)} is read`];
  const unread = sent.filter((value) => !taken.includes(value));
  return unread.length > 0
    ? [`may be ${unread.map((value) => JSON.stringify(value)).join(' or ')}, which is not read`]
    : [];
}

const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems'];
const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems'];

function boundBreaks(reader: JsonSchema, writer: JsonSchema): string[] {
  const looser = (keyword: string, unbounded: number, sign: 1 | -1) => {
    const [taken, sent] = [reader, writer].map((schema) => (schema[keyword] as number | undefined) ?? unbounded);
    return sign * (sent! - taken!) > 0
      ? [`${keyword} is ${taken} where it is read and ${sent} where it is written`]
      : [];
  };
  return [
    ...UPPER.flatMap((keyword) => looser(keyword, Infinity, 1)),
    ...LOWER.flatMap((keyword) => looser(keyword, -Infinity, -1)),
  ];
}

const JUDGED = new Set([
  ...UPPER,
  ...LOWER,
  ...['type', 'enum', 'const', 'anyOf', 'oneOf', 'properties', 'required', 'items', 'additionalProperties'],
  // Annotations: they change nothing that is sent or read.
  ...['title', 'description', 'default', 'examples', 'deprecated', 'contentEncoding'],
]);

/** A keyword such as `pattern` or `format` that the reader sets must be the writer's too. */
function unknownKeywordBreaks(reader: JsonSchema, writer: JsonSchema): string[] {
  const keywords = Object.keys(reader).filter((keyword) => !JUDGED.has(keyword) && !keyword.startsWith('x-'));
  return keywords
    .filter((keyword) => JSON.stringify(reader[keyword]) !== JSON.stringify(writer[keyword]))
    .map(
      (keyword) =>
        `${keyword} was ${JSON.stringify(writer[keyword])} and is read as ${JSON.stringify(reader[keyword])}`,
    );
}

function objectBreaks(comparison: Comparison, reader: JsonSchema, writer: JsonSchema): SchemaBreak[] {
  const { direction, pointer } = comparison;
  const [released, current] = direction === 'output' ? [reader, writer] : [writer, reader];
  const before = released.properties ?? {};
  const after = current.properties ?? {};
  const at = (name: string, what: string): SchemaBreak => ({ pointer: `${pointer}/${name}`, what });
  const names = Object.keys(before);
  const added = Object.keys(after).filter((name) => !(name in before));
  const relied = (reader.required ?? []).filter((name) => name in after && !writer.required?.includes(name));
  const refusesAdded = direction === 'output' && released.additionalProperties === false;
  return [
    ...names.filter((name) => !(name in after)).map((name) => at(name, 'was removed')),
    ...relied.map((name) => at(name, direction === 'output' ? 'is no longer always sent' : 'has become required')),
    ...(refusesAdded ? added.map((name) => at(name, 'was added where unknown fields are refused')) : []),
    ...names.flatMap((name) => {
      const field = after[name];
      return field
        ? compare({ ...comparison, released: before[name]!, current: field, pointer: `${pointer}/${name}` })
        : [];
    }),
  ];
}

/** Compares the schema of an array's items or a record's values. */
function childBreaks(
  comparison: Comparison,
  reader: JsonSchema,
  writer: JsonSchema,
  keyword: 'items' | 'additionalProperties',
  step: string,
): SchemaBreak[] {
  const schemaOf = (schema: JsonSchema) => (typeof schema[keyword] === 'object' ? schema[keyword] : {});
  if (typeof reader[keyword] !== 'object') return [];
  const [released, current] =
    comparison.direction === 'output' ? [schemaOf(reader), schemaOf(writer)] : [schemaOf(writer), schemaOf(reader)];
  return compare({ ...comparison, released, current, pointer: `${comparison.pointer}${step}` });
}
