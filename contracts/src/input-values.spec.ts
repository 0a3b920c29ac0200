import { z } from 'zod';
import { userId, subject } from './authorization-model.ts';
import { checkPermission, endpoints, listGrants } from './index.ts';
import { clientId, instant, text, uuid } from './input-values.ts';

const UPPER = '0198F0C1-7A52-7C3E-9A60-0D6F4D1B2B01';
const LOWER = UPPER.toLowerCase();

/** A value inside an input that is no container of others, with the way to it. */
type Leaf = readonly [path: string, schema: z.ZodType];

/** Every value that a request with this schema may carry. */
function leavesOf(schema: z.ZodType, path: string): Leaf[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return leavesOf(schema.unwrap() as z.ZodType, path);
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([name, field]) =>
      leavesOf(field, `${path}.${name}`),
    );
  if (schema instanceof z.ZodArray) return leavesOf(schema.element as z.ZodType, `${path}[]`);
  if (schema instanceof z.ZodUnion) return (schema.options as z.ZodType[]).flatMap((option) => leavesOf(option, path));
  if (schema instanceof z.ZodRecord)
    return [
      ...leavesOf(schema.keyType as z.ZodType, `${path}.key`),
      ...leavesOf(schema.valueType as z.ZodType, `${path}.*`),
    ];
  return [[path, schema]];
}

const inputLeaves = endpoints.flatMap(({ id, input }) =>
  Object.entries(input).flatMap(([place, schema]) => leavesOf(schema as z.ZodType, `${id} ${place}`)),
);
const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;

/** Values that take UUIDs and nothing else, and leave one in upper case as it is. */
const keepingUpperCase = (leaves: readonly Leaf[]) =>
  leaves
    .filter(([, schema]) => schema.safeParse(UPPER).data === UPPER && !accepts(schema, `${UPPER}x`))
    .filter(([, schema]) => !accepts(schema, 'Z'.repeat(UPPER.length)))
    .map(([path]) => path);

/** Text of every length, and of some forms, with one character at its end that must not be in it. */
const texts = [...Array.from({ length: 64 }, (_, length) => 'a'.repeat(length)), 'https://a.example/', 'a@example.com'];
const textsWith = (character: string) => texts.map((text) => text + character);
const admitting = (character: string, leaves: readonly Leaf[]) =>
  leaves.filter(([, schema]) => textsWith(character).some((value) => accepts(schema, value))).map(([path]) => path);

/** Instants that PostgreSQL or JavaScript cannot represent. */
const BEYOND = [
  '0000-01-01T00:00:00Z',
  '0000-12-31T23:59:59.999Z',
  '0001-01-01T00:00:00+00:01',
  '9999-12-31T23:59:59.999999999Z',
  '9999-12-31T23:59:59-00:01',
  `2026-01-01T00:00:00.${'9'.repeat(200)}Z`,
];
const admittingBeyond = (leaves: readonly Leaf[]) =>
  leaves
    .filter(([, schema]) => accepts(schema, '2026-01-01T00:00:00Z') && !accepts(schema, 'not-an-instant'))
    .filter(([, schema]) => BEYOND.some((value) => accepts(schema, value)))
    .map(([path]) => path);

test('no endpoint keeps the upper case of a UUID (else use `uuid` of input-values.ts)', () => {
  expect(keepingUpperCase(inputLeaves)).toEqual([]);
});

test('no endpoint takes a text with a NUL or half a surrogate pair (else use `text` of input-values.ts)', () => {
  expect(admitting('\0', inputLeaves)).toEqual([]);
  expect(admitting('\ud800', inputLeaves)).toEqual([]);
});

test('no endpoint takes an instant that PostgreSQL and JavaScript cannot both hold (else use `instant`)', () => {
  expect(admittingBeyond(inputLeaves)).toEqual([]);
});

test('the three checks above find what is wrong, wherever it stands (negative control)', () => {
  const wrong = z.object({
    list: z.array(z.strictObject({ id: z.uuid().nullable(), note: z.string().min(8).optional(), page: z.url() })),
    either: z.union([z.uuid(), z.iso.datetime({ offset: true })]).default(LOWER),
    names: z.record(z.string().regex(/^[^\0]+$/u), z.guid()),
    right: z.object({ id: uuid, note: text(100), at: instant, client: clientId }),
  });
  const leaves = leavesOf(wrong, 'json');
  expect(keepingUpperCase(leaves)).toEqual(['json.list[].id', 'json.either', 'json.names.*']);
  expect(admitting('\0', leaves)).toEqual(['json.list[].note', 'json.list[].page']);
  expect(admitting('\ud800', leaves)).toEqual(['json.list[].note', 'json.list[].page', 'json.names.key']);
  expect(admittingBeyond(leaves)).toEqual(['json.either']);
});

test('a UUID has one spelling, however it is written', () => {
  expect(uuid.parse(UPPER)).toBe(LOWER);
});

test('an account has one spelling wherever a subject is named; a client id stays as it is written', () => {
  const [user, client] = [{ type: 'user', id: UPPER } as const, { type: 'client', id: UPPER } as const];
  expect(userId.parse(UPPER)).toBe(LOWER);
  expect(userId.parse('Ada')).toBe('Ada');
  expect(subject.parse(user)).toEqual({ type: 'user', id: LOWER });
  expect(subject.parse(client)).toEqual(client);
  const asked = { user_id: UPPER, org_id: UPPER, permission: 'audit:read' };
  const { json } = checkPermission.input;
  expect(json.parse(asked)).toMatchObject({ user_id: LOWER, org_id: LOWER });
  expect(json.parse({ ...asked, subject_type: 'client' })).toMatchObject({ user_id: UPPER, org_id: LOWER });
  const { query } = listGrants.input;
  expect(query.parse({ subject_id: UPPER })).toMatchObject({ subject_id: LOWER });
  expect(query.parse({ subject_id: UPPER, subject_type: 'client' })).toMatchObject({ subject_id: UPPER });
});

test('the ends of the range of instants are inside it', () => {
  for (const end of ['0001-01-01T00:00:00Z', '9999-12-31T23:59:58.999Z', '2026-02-28T23:59:59.123456789+14:00'])
    expect(accepts(instant, end)).toBe(true);
});
