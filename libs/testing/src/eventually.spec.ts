import { eventually } from './eventually.ts';

test('a check is repeated until it holds, and its value is the result', async () => {
  let attempts = 0;
  const third = () => {
    attempts++;
    if (attempts === 1) throw new Error('not yet');
    return attempts === 2 ? false : 'done';
  };
  expect(await eventually(third, { within: '5s' })).toBe('done');
  expect(attempts).toBe(3);
});

test('at the deadline it fails with the last error of the check', async () => {
  const never = () => Promise.reject(new Error('no mail yet'));
  await expect(eventually(never, { within: '50ms' })).rejects.toThrow('Not within 50ms: no mail yet');
  await expect(eventually(() => false, { within: '50ms' })).rejects.toThrow('still returned false');
});

test('a check that holds at the first attempt is not late, however short the deadline', async () => {
  expect(await eventually(() => 1, { within: '0ms' })).toBe(1);
});
