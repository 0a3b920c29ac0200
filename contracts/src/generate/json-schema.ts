import { z } from 'zod';

/** A JSON Schema as data; only the keywords that zod writes are read anywhere. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

type Mutable = Record<string, unknown>;

/** Formats that say all that zod's pattern for them says; the patterns run to hundreds of characters. */
const FORMATS_WITHOUT_PATTERN = new Set(['email', 'uuid', 'date-time', 'date', 'uri', 'ipv4', 'ipv6']);

/**
 * The JSON Schema of what a sender may write (`input`) or a receiver gets (`output`). AsyncAPI 3.0 builds on draft 7,
 * OpenAPI 3.1 on draft 2020-12.
 */
export function jsonSchemaOf(
  schema: z.ZodType,
  io: 'input' | 'output',
  target: 'draft-7' | 'draft-2020-12' = 'draft-2020-12',
): JsonSchema {
  const { $schema: _, ...generated } = z.toJSONSchema(schema, {
    io,
    target,
    unrepresentable: 'any',
    override: ({ jsonSchema, zodSchema }) => tidy(jsonSchema as Mutable, zodSchema, io),
  }) as Mutable;
  return generated;
}

function tidy(schema: Mutable, source: z.core.$ZodTypes, io: 'input' | 'output'): void {
  if (schema.type === 'integer') {
    if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
    if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  }
  if (typeof schema.format === 'string' && FORMATS_WITHOUT_PATTERN.has(schema.format)) delete schema.pattern;
  // A receiver must tolerate fields that a newer sender adds, so only an explicitly strict object is closed.
  if (io === 'output' && source._zod.def.type === 'object' && !source._zod.def.catchall)
    delete schema.additionalProperties;
}
