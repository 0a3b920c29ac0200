import fc from 'fast-check';
import { errorCode } from './domain-fixtures.spec-support.ts';
import { requestedScope } from './scope.ts';

test('a request that names no scope gets none', () => {
  expect(requestedScope(undefined, ['openid'])).toEqual([]);
});

test('what is asked for is given once each, and never more than is allowed', () => {
  const names = fc.constantFrom('openid', 'email', 'orders:read', 'orders:write');
  fc.assert(
    fc.property(fc.array(names, { minLength: 1 }), fc.uniqueArray(names), (asked, allowed) => {
      const text = asked.join(' ');
      if (asked.every((name) => allowed.includes(name)))
        expect(requestedScope(text, allowed)).toEqual([...new Set(asked)]);
      else expect(errorCode(() => requestedScope(text, allowed))).toBe('invalid_scope');
    }),
  );
});

test.each(['', ' ', ' openid', 'openid ', 'openid  email', 'open"id', 'open\\id', 'openid\temail'])(
  'the malformed scope %j is refused',
  (text) => {
    expect(errorCode(() => requestedScope(text, ['openid', 'email', text]))).toBe('invalid_scope');
  },
);
