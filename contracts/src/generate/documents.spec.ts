import asyncApiSpecs from '@asyncapi/specs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { services } from '../define-topic.ts';
import { asyncApiOf } from './asyncapi.ts';
import { generateDocuments, readDocuments } from './documents.ts';
import type { JsonSchema } from './json-schema.ts';
import { openApiOf } from './openapi.ts';

const asyncApiIsValid = new Ajv({ strict: false, logger: false, validateFormats: false }).compile(
  asyncApiSpecs.schemasWithoutId['3.0.0'],
);

test.each(services)('the AsyncAPI document of %s satisfies the schema of AsyncAPI 3.0', (service) => {
  expect(asyncApiIsValid(asyncApiOf(service)) || asyncApiIsValid.errors).toBe(true);
});

test('the AsyncAPI schema refuses a document whose operation names no channel', () => {
  const document = structuredClone(asyncApiOf('token')) as {
    operations: Record<string, { channel?: object }>;
  };
  delete document.operations['send.token.accounts']!.channel;
  expect(asyncApiIsValid(document)).toBe(false);
});

test.each(services)('the OpenAPI document of %s satisfies the schema of OpenAPI 3.1', async (service) => {
  expect(await new Validator().validate(openApiOf(service))).toEqual({ valid: true });
});

test('the OpenAPI schema refuses a document whose operation has no responses', async () => {
  const document = structuredClone(openApiOf('audit-log'));
  for (const operation of Object.values(document.paths['/api/v1/audit/entries']!)) operation.responses = 200 as never;
  expect((await new Validator().validate(document)).valid).toBe(false);
});

test('every example message satisfies the payload and header schemas beside it', () => {
  const ajv = new Ajv({ strict: false });
  formats.default(ajv);
  ajv.addFormat('base64url', /^[\w-]*$/);
  for (const service of services)
    for (const { headers, payload, examples } of Object.values(asyncApiOf(service).components.messages))
      for (const example of examples) {
        expect(ajv.validate(headers, example.headers) || ajv.errors).toBe(true);
        expect(ajv.validate(payload, example.payload) || ajv.errors).toBe(true);
      }
});

test('every example answer satisfies the response schema beside it', () => {
  interface Media {
    readonly schema: JsonSchema;
    readonly example?: unknown;
  }
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv); // ajv-formats is typed for draft 7 only
  ajv.addFormat('base64url', /^[\w-]*$/);
  const operations = services.flatMap((service) =>
    Object.values(openApiOf(service).paths).flatMap(
      (path) => Object.values(path) as { responses: Record<string, { content?: Record<string, Media> }> }[],
    ),
  );
  const media = operations.flatMap(({ responses }) =>
    Object.values(responses).flatMap((r) => Object.values(r.content ?? {})),
  );
  const withExample = media.filter(({ example }) => example !== undefined);
  expect(withExample.length).toBeGreaterThan(0);
  for (const { schema, example } of withExample) expect(ajv.validate(schema, example) || ajv.errors).toBe(true);
});

test('an integer is documented without the bounds of JavaScript', () => {
  for (const text of generateDocuments().values()) expect(text).not.toContain(String(Number.MAX_SAFE_INTEGER));
});

test('the committed contracts are what the declarations say (else run `npm run contracts`)', async () => {
  const committed = await readDocuments('generated');
  for (const [name, text] of generateDocuments()) expect({ name, text: committed.get(name) }).toEqual({ name, text });
});
