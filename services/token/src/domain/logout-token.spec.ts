import { logoutPauseMs, LOGOUT_ATTEMPTS_MAX, tookLogout } from './logout-token.ts';

test('pauses double from a second to an hour, shortened by half at most; the last attempt is after four hours', () => {
  const pauses = Array.from({ length: LOGOUT_ATTEMPTS_MAX - 1 }, (_, n) => logoutPauseMs(n + 1, 0) / 1_000);
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 3_600, 3_600, 3_600]);
  expect(logoutPauseMs(30, 1)).toBe(1_800_000);
});

test.each([
  [200, true],
  [204, true],
  [202, false],
  [302, false],
  [400, false],
  [503, false],
])('an answer of %i has taken the logout: %p', (status, expected) => {
  expect(tookLogout(status)).toBe(expected);
});
