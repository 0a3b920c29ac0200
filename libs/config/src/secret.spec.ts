import { format, inspect } from 'node:util';
import { Secret } from './index.ts';

const VALUE = 'correct horse battery staple';

/** Every way in which a value gets into a log, an error or an answer. */
const printings: Readonly<Record<string, (value: unknown) => string>> = {
  'a template string': (value) => `${value as string}`,
  concatenation: (value) => 'x' + (value as string),
  'String()': (value) => String(value),
  JSON: (value) => JSON.stringify({ nested: { value } }),
  'util.inspect': (value) => inspect({ nested: [value] }, { depth: null, showHidden: true }),
  'util.format': (value) => format('%s %o %j', value, value, value),
  'an error': (value) => inspect(new Error(`failed with ${value as string}`, { cause: value })),
  'its own enumerable properties': (value) => JSON.stringify(Object.entries(value as object)),
  'a copy': (value) => JSON.stringify({ ...(value as object) }),
};

test.each(Object.entries(printings))('%s does not show a secret', (_name, print) => {
  expect(print(new Secret(VALUE))).not.toContain(VALUE);
});

test('the same printings show a plain object that holds the value', () => {
  const plain = { value: VALUE, toString: () => VALUE };
  for (const print of Object.values(printings)) expect(print(plain)).toContain(VALUE);
});

test('only reveal gives the value', () => {
  expect(new Secret(VALUE).reveal()).toBe(VALUE);
  expect(String(new Secret(VALUE))).toBe('[secret]');
});
