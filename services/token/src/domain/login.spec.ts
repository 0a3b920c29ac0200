import { decideLogin } from './login.ts';

const proven = { verifiedAt: new Date() };
const unproven = { verifiedAt: null };

test('the right password of a proven account logs in', () => {
  expect(decideLogin(proven, true)).toEqual({ failure: null, account: proven });
});

test('only the right password learns that an account exists but is not proven', () => {
  expect(decideLogin(unproven, true).failure).toBe('unverified');
  expect(decideLogin(unproven, false).failure).toBe('wrong_password');
  expect(decideLogin(proven, false).failure).toBe('wrong_password');
  expect(decideLogin(null, false).failure).toBe('unknown_account');
});

test('no account is ever logged in without one, whatever the hasher says', () => {
  expect(decideLogin(null, true).failure).toBe('unknown_account');
});
