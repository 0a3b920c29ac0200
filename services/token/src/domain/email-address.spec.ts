import { emailAddress } from './email-address.ts';

test('the domain is lower case, the local part stays as it was written', () => {
  expect(emailAddress('Ada.Lovelace@EXAMPLE.com').address).toBe('Ada.Lovelace@example.com');
});

test('spellings that differ in case only are one address', () => {
  expect(emailAddress('ADA@Example.com').key).toBe(emailAddress('ada@example.COM').key);
  expect(emailAddress('ada@example.com').key).not.toBe(emailAddress('ada@example.org').key);
});
