import { displayedUserCode, sourceOf, userCodeOf } from './user-code.ts';

test('a code is read as people type it', () => {
  expect(displayedUserCode('WDJBMJHT')).toBe('WDJB-MJHT');
  for (const typed of ['WDJB-MJHT', 'wdjbmjht', ' wdjb mjht ', 'WDJB\u2013MJHT'])
    expect(userCodeOf(typed)).toBe('WDJBMJHT');
});

test.each(['', 'WDJB-MJH', 'WDJB-MJHTX', 'WDJB-MJHA', 'WDJB-MJH1', "WDJB' OR 1"])('%s is no code', (typed) => {
  expect(userCodeOf(typed)).toBeNull();
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('guesses from %s count for %s', (ip, source) => {
  expect(sourceOf(ip)).toBe(source);
});
