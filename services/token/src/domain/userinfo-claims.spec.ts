import { selectClaims } from './userinfo-claims.ts';

const known = { sub: 'ada', email: 'ada@example.com', email_verified: true, locale: 'de' };

test.each([
  ['openid alone', ['openid'], null, { sub: 'ada' }],
  ['email', ['openid', 'email'], null, { sub: 'ada', email: 'ada@example.com', email_verified: true }],
  ['profile', ['openid', 'profile'], null, { sub: 'ada', locale: 'de' }],
  ['a claim by name', ['openid'], { email: null, picture: null }, { sub: 'ada', email: 'ada@example.com' }],
  ['a name of the prototype', ['openid', 'constructor'], { toString: null }, { sub: 'ada' }],
])('%s gives what it stands for and no more', (_, scope, requested, claims) => {
  expect(selectClaims(known, scope, requested)).toEqual(claims);
});
