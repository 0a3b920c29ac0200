import { newSalt } from './salts.ts';

test('no two salts are alike, nor share bytes that a later one could overwrite', () => {
  const salts = Array.from({ length: 1_000 }, () => newSalt());
  const texts = salts.map((salt) => salt.toString('hex'));
  expect(new Set(texts).size).toBe(1_000);
  expect(texts.every((text) => text.length === 64)).toBe(true);
});
