import { isOver, weeksAhead } from './expiry-weeks.ts';

const DAY_MS = 86_400_000;
const now = new Date('2026-11-25T12:00:00Z');

test('there is a week for every expiry until the end of the coming week, without a gap and without two', () => {
  for (const days of [1, 7, 30, 400]) {
    const weeks = weeksAhead('refresh_token', now, days * DAY_MS);
    for (const [i, week] of weeks.entries()) if (i > 0) expect(week.from).toEqual(weeks[i - 1]?.to);
    expect(weeks[0]?.from.getTime()).toBeLessThanOrEqual(now.getTime());
    expect(weeks.at(-1)?.to.getTime()).toBeGreaterThan(now.getTime() + days * DAY_MS + 6 * DAY_MS);
  }
  expect(weeksAhead('refresh_token', now, 30 * DAY_MS)).toHaveLength(7);
  expect(weeksAhead('refresh_token', now, 0)[0]?.name).toBe('refresh_token_20261119');
});

test('a week is over a day after its end, and a table of another name never', () => {
  expect(isOver('refresh_token', 'refresh_token_20261119', new Date('2026-11-26T23:59:59Z'))).toBe(false);
  expect(isOver('refresh_token', 'refresh_token_20261119', new Date('2026-11-27T00:00:00Z'))).toBe(true);
  for (const name of ['refresh_token_', 'refresh_token_archive', 'outbox_20200101', 'refresh_token_2020010'])
    expect(isOver('refresh_token', name, now)).toBe(false);
});
