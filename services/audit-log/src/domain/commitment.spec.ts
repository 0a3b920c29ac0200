import { hash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { commitmentOf, pointerTo, SALT_BYTES } from './commitment.ts';

const salt = Buffer.from(Array.from({ length: SALT_BYTES }, (_, i) => i));

test('a commitment is SHA-256 over the salt and the canonical JSON of pointer and value', () => {
  const expected = hash('sha256', Buffer.concat([salt, Buffer.from('["/origin/ip","192.0.2.7"]')]), 'buffer');
  expect(commitmentOf({ pointer: '/origin/ip', salt, value: '192.0.2.7' })).toBe(expected.toString('base64url'));
});

test('the same value of two entries gives commitments that nobody can match', () => {
  const of = () => commitmentOf({ pointer: '/origin/ip', salt: randomBytes(SALT_BYTES), value: '192.0.2.7' });
  expect(of()).not.toBe(of());
});

test('another value, field or salt gives another commitment', () => {
  const value = fc.jsonValue({ noUnicodeString: true });
  fc.assert(
    fc.property(fc.tuple(value, value), ([one, other]) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other) && !(Object.is(one, -0) || Object.is(other, -0)));
      fc.pre(typeof one !== 'object' && typeof other !== 'object');
      const base = commitmentOf({ pointer: '/data/a', salt, value: one });
      expect(commitmentOf({ pointer: '/data/a', salt, value: other })).not.toBe(base);
      expect(commitmentOf({ pointer: '/data/b', salt, value: one })).not.toBe(base);
      expect(commitmentOf({ pointer: '/data/a', salt: randomBytes(SALT_BYTES), value: one })).not.toBe(base);
      expect(commitmentOf({ pointer: '/data/a', salt, value: one })).toBe(base);
    }),
  );
});

test('a salt that is too short is refused', () => {
  expect(() => commitmentOf({ pointer: '/a', salt: Buffer.alloc(16), value: 1 })).toThrow(RangeError);
});

test('a pointer escapes the characters that RFC 6901 reserves', () => {
  expect(pointerTo('data', 'a/b~c')).toBe('/data/a~1b~0c');
});
