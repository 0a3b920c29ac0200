import { randomBytes } from 'node:crypto';
import { MasterKeys } from './master-keys.ts';

const [old, current] = [randomBytes(32), randomBytes(32)];

test('what the previous master key sealed still opens, and what is sealed anew names the current one', () => {
  const sealed = new MasterKeys(old).seal('pkcs8', 'kid');
  const rotated = new MasterKeys(current, [old]);
  expect(rotated.isCurrent(sealed)).toBe(false);
  expect(rotated.open(sealed, 'kid')).toBe('pkcs8');
  const again = rotated.seal('pkcs8', 'kid');
  expect(rotated.isCurrent(again)).toBe(true);
  expect(new MasterKeys(current).open(again, 'kid')).toBe('pkcs8');
});

test('negative control: without the previous key nothing of it opens, and the reason names the key without giving it away', () => {
  const sealed = new MasterKeys(old).seal('pkcs8', 'kid');
  const open = () => new MasterKeys(current).open(sealed, 'kid');
  expect(open).toThrow(/master key [0-9a-f]{8}, which is not set/);
});

test('a row from before master keys had names opens with the current key', () => {
  const { sealedPrivateKey } = new MasterKeys(current).seal('pkcs8', 'kid');
  expect(new MasterKeys(current, [old]).open({ sealedPrivateKey, masterKeyId: null }, 'kid')).toBe('pkcs8');
});
