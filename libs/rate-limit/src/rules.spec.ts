import { readFileSync } from 'node:fs';
import { defaultRulesFile } from './rate-limit-settings.ts';
import { Rules } from './rules.ts';

const parse = (...rules: object[]) => Rules.parse(JSON.stringify({ rules }));
const limited = { endpoint: '/a', limit: 1, window: 1, burst: 1 };

test('production ships 10 in 60 s with a burst of 20 for tokens, and 100 in 60 s with a burst of 150 for the API', () => {
  const rules = Rules.parse(readFileSync(defaultRulesFile, 'utf8'));
  const token = { limit: 10, windowMs: 60_000, burst: 20, policy: '"default";q=10;w=60' };
  for (const key of ['client', 'grant', 'failed-client'] as const)
    expect(rules.find('/oauth/token', key, 'any')).toMatchObject(token);
  const api = { limit: 100, windowMs: 60_000, burst: 150 };
  expect(rules.find('/api/v1/accounts', 'ip', null)).toMatchObject(api);
  expect(rules.find('/api/v1/me', 'principal', null)).toMatchObject(api);
  expect(rules.find('/login', 'account', null)).toBeDefined();
  expect(rules.find('/login', 'ip', null)).toBeDefined();
  expect(rules.find('/oauth/jwks', 'ip', null)).toBeUndefined();
});

test('the first rule that matches path, key and client decides', () => {
  const rules = parse(
    { ...limited, clients: ['vip'], limit: 'unlimited', window: undefined, burst: undefined },
    { ...limited, key: 'grant', limit: 2 },
    { ...limited, limit: 3, clients: ['one'] },
    { ...limited, limit: 4 },
    { ...limited, endpoint: '/a*', limit: 5 },
  );
  expect(rules.find('/a', 'client', 'vip')).toBeUndefined();
  expect(rules.find('/a', 'grant', 'one')?.limit).toBe(2);
  expect(rules.find('/a', 'client', 'one')?.limit).toBe(3);
  expect(rules.find('/a', 'client', null)?.limit).toBe(4);
  expect(rules.find('/ab', 'client', null)?.limit).toBe(5);
  expect(rules.find('/b', 'client', null)).toBeUndefined();
});

test.each([
  ['60', 60_000],
  ['"90s"', 90_000],
  ['2m', 120_000],
  ['1h', 3_600_000],
])('a window of %s is %i ms', (window, windowMs) => {
  const rules = Rules.parse(`rules: [{ endpoint: /a, limit: 1, window: ${window}, burst: 1 }]`);
  expect(rules.find('/a', 'ip', null)?.windowMs).toBe(windowMs);
});

test.each([
  ['no YAML', 'rules: [', /flow|sequence|end/i],
  ['no rules', 'limits: []', /rules/],
  ['an unknown field', 'rules: [{ endpoint: /a, limit: 1, window: 1s, burst: 1, brust: 2 }]', /brust/],
  ['an unknown key', 'rules: [{ endpoint: /a, limit: 1, window: 1s, burst: 1, key: user }]', /rules\[0\]/],
  ['a limit of nothing', 'rules: [{ endpoint: /a, limit: 0, window: 1s, burst: 1 }]', /rules\[0\]/],
  ['a window without a unit', 'rules: [{ endpoint: /a, limit: 1, window: 1 day, burst: 1 }]', /rules\[0\]/],
  ['a window of two days', 'rules: [{ endpoint: /a, limit: 1, window: 48h, burst: 1 }]', /rules\[0\]/],
  ['no path', 'rules: [{ endpoint: a, limit: 1, window: 1s, burst: 1 }]', /rules\[0\]/],
])('%s is refused, and the reason says where', (_, text, reason) => {
  expect(() => Rules.parse(text)).toThrow(reason);
});
