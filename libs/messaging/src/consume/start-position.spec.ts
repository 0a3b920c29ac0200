import { startPosition } from './start-position.ts';

const soundAt = { recorded: 5n, accepted: false, committed: 5n, low: 0n, high: 9n };
const first = { recorded: null, accepted: false, committed: null, low: 3n, high: 9n };

test('the first start is at the first message that Kafka has', () => {
  expect(startPosition(first)).toBe(3n);
});

test('a crash between the first commit and the first effect is a first start still', () => {
  expect(startPosition({ ...first, committed: 3n })).toBe(3n);
});

test('reading goes on where the database stands, also where the last commit did not reach Kafka', () => {
  expect(startPosition(soundAt)).toBe(5n);
  expect(startPosition({ ...soundAt, committed: 2n })).toBe(5n);
});

test.each([
  ['a committed offset that is gone', { committed: null }, 'the committed offset is lost'],
  ['a commit ahead of the database', { committed: 7n }, 'offset 7 is committed'],
  ['messages deleted before they were handled', { low: 6n }, 'messages 5 to 5 were deleted'],
  ['a topic that ends before the position', { high: 4n }, 'the topic ends at 4'],
  ['a database that forgot everything', { recorded: null }, 'the database has handled nothing'],
  [
    'first messages deleted before they were handled',
    { recorded: null, committed: 1n, low: 2n },
    'messages 1 to 1 were deleted',
  ],
])('%s is never passed over', (_name, change, wrong) => {
  expect(startPosition({ ...soundAt, ...change })).toHaveProperty('wrong', expect.stringContaining(wrong));
});

test('an operator may accept a loss', () => {
  expect(startPosition({ ...soundAt, committed: null, accepted: true })).toBe(5n);
});
