import { endpoints } from '@gatehouse/contracts';
import { z } from 'zod';

interface JsonSchema {
  readonly type?: unknown;
  readonly additionalProperties?: unknown;
  readonly [keyword: string]: unknown;
}

/** Where a schema takes an object and says nothing about further fields; the top one is made strict at boot. */
function lenientObjects(schema: JsonSchema, at = '#'): string[] {
  const here = schema.type === 'object' && schema.additionalProperties === undefined && at !== '#' ? [at] : [];
  const below = Object.entries(schema).flatMap(([keyword, value]) =>
    typeof value === 'object' && value !== null ? lenientObjects(value as JsonSchema, `${at}/${keyword}`) : [],
  );
  return [...here, ...below];
}

const shown = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

test('no JSON body of the catalog takes an unknown field, however deep', () => {
  const lenient = endpoints.flatMap(({ id, input }) =>
    input.json ? lenientObjects(shown(input.json)).map((at) => `${id} ${at}`) : [],
  );
  expect(lenient).toEqual([]);
});

test('an object that would take one is found', () => {
  const nested = z.object({ list: z.array(z.object({ name: z.string() })), fixed: z.strictObject({ a: z.string() }) });
  expect(lenientObjects(shown(nested))).toEqual(['#/properties/list/items']);
});
