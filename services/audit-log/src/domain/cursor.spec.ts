import fc from 'fast-check';
import { decodeCursor, encodeCursor } from './cursor.ts';

test('a cursor gives back the position that it was made from', () => {
  const date = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:58.999Z'), noInvalidDate: true });
  fc.assert(
    fc.property(date, fc.uuid(), fc.integer({ min: 1 }), (recorded, id, sequence) => {
      const position = { recorded: recorded.toISOString(), log: `org-${id}`, sequence };
      expect(decodeCursor(encodeCursor(position))).toEqual(position);
    }),
  );
});

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test.each([
  ['no base64', '%%%'],
  ['no JSON', 'AAAA'],
  ['no list', encoded({})],
  ['an impossible date', encoded(['2026-13-99T00:00:00.000Z', 'platform', 1])],
  ['a day that the month does not have', encoded(['2026-02-30T00:00:00.000Z', 'platform', 1])],
  ['a date of the year 0', encoded(['0000-06-01T00:00:00.000Z', 'platform', 1])],
  ['a date without milliseconds', encoded(['2026-01-01', 'platform', 1])],
  ['a log that no log is called', encoded(['2026-01-01T00:00:00.000Z', "x' OR 1=1", 1])],
  ['a fraction', encoded(['2026-01-01T00:00:00.000Z', 'platform', 1.5])],
  ['a missing sequence', encoded(['2026-01-01T00:00:00.000Z', 'platform'])],
])('a cursor that is %s is invalid input', (_, cursor) => {
  expect(() => decodeCursor(cursor)).toThrow(expect.objectContaining({ code: 'invalid-input' }) as Error);
});
