import { freshnessOf } from './freshness.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(now + seconds * 1_000).toUTCString();

test.each<[string, Record<string, string>, number | null]>([
  ['nothing', {}, null],
  ['a cache between', { 'cache-control': 'public' }, null],
  ['a time', { 'cache-control': 'max-age=60' }, 60],
  ['a time with more', { 'cache-control': 'Public, MAX-AGE=60' }, 60],
  ['two times', { 'cache-control': 'max-age=60, max-age=30' }, 30],
  ['a time of which some has passed', { 'cache-control': 'max-age=60', age: '45' }, 15],
  ['a time that has passed', { 'cache-control': 'max-age=60', age: '90' }, 0],
  ['a time that is none', { 'cache-control': 'max-age=soon' }, 0],
  ['not to be kept', { 'cache-control': 'max-age=60, no-store' }, 0],
  ['to be asked each time', { 'cache-control': 'max-age=60, no-cache' }, 0],
  ['an end', { expires: at(120) }, 120],
  ['an end by a clock that is ahead', { expires: at(1_020), date: at(900) }, 120],
  ['an end that is past', { expires: at(-1) }, 0],
  ['an end that is no date', { expires: '0' }, 0],
  ['a time and an end', { 'cache-control': 'max-age=60', expires: at(120) }, 60],
])('an answer that says %s is fresh as long as RFC 9111 has it', (_, headers, seconds) => {
  expect(freshnessOf(headers, now)).toBe(seconds);
});
