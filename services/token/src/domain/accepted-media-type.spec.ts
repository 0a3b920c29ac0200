import { prefers } from './accepted-media-type.ts';

const JWT = 'application/token-introspection+jwt';

test.each([
  [JWT, true],
  ['Application/Token-Introspection+JWT', true],
  [`${JWT}, application/json`, true],
  [`application/json;q=0.9, ${JWT}`, true],
  [`application/json, ${JWT};q=0.5`, false],
  [`${JWT};q=0`, false],
  [`${JWT};q=surprise`, false],
  ['application/json', false],
  ['*/*', false],
  ['application/*', false],
  ['', false],
  [undefined, false],
])('%s asks for a JWT: %s', (accept, expected) => {
  expect(prefers(accept, JWT)).toBe(expected);
});
