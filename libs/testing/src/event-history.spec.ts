import { violationsOf } from './event-history.ts';

const events = [
  { id: 'a1', stream: 'a', sequence: 1 },
  { id: 'a2', stream: 'a', sequence: 2 },
  { id: 'b1', stream: 'b', sequence: 1 },
  { id: 'fact', stream: 'fact', sequence: null },
];
const whole = {
  acknowledged: ['grant:1'],
  committed: new Set(['grant:1', 'grant:2']),
  events,
  effects: ['a1', 'b1', 'fact', 'a2'],
};

test('a history in which everything happened once and in order has no violation', () => {
  expect(violationsOf(whole)).toEqual([]);
});

test.each([
  [
    'an acknowledged change that is not there',
    { committed: new Set<string>() },
    'lost change: grant:1 was acknowledged',
  ],
  ['an event without an effect', { effects: ['a1', 'a2', 'b1'] }, 'lost event: fact of fact'],
  ['a second effect', { effects: ['a1', 'a1', 'a2', 'b1', 'fact'] }, 'double effect: a1'],
  ['an inverted order', { effects: ['a2', 'a1', 'b1', 'fact'] }, 'order of a: 2 came after 0'],
  [
    'an effect of nothing',
    { effects: ['a1', 'a2', 'b1', 'fact', 'ghost'] },
    'unknown event: ghost took effect and was never committed',
  ],
])('%s is a violation', (_name, change, violation) => {
  expect(violationsOf({ ...whole, ...change })).toContain(violation);
});
