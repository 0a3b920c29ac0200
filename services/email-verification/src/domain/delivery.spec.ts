import { judge, pauseMs } from './delivery.ts';

test.each([
  ['permanent', 'RCPT TO', 550],
  ['permanent', 'DATA', 554],
  ['temporary', 'RCPT TO', 450],
  ['temporary', 'DATA', 451],
  ['unclear', 'RCPT TO', 421],
  ['unclear', 'CONN', 554],
  ['unclear', 'AUTH PLAIN', 535],
  ['unclear', 'MAIL FROM', 550],
  ['unclear', 'CONN', undefined],
  ['unclear', undefined, undefined],
] as const)('%s is an answer to %s with %s', (verdict, command, reply) =>
  expect(judge({ command, reply })).toBe(verdict),
);

test('pauses double up to a limit, and jitter takes at most a half', () => {
  const backoff = { firstMs: 1_000, maxMs: 6_000 };
  expect([1, 2, 3, 4, 5_000].map((failures) => pauseMs(failures, backoff, 0))).toEqual([
    1_000, 2_000, 4_000, 6_000, 6_000,
  ]);
  expect(pauseMs(2, backoff, 1)).toBe(1_000);
});
