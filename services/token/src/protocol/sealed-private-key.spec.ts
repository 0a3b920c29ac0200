import { randomBytes } from 'node:crypto';
import { openPrivateKey, sealPrivateKey } from './sealed-private-key.ts';

const KEY = randomBytes(32);
const PKCS8 = '-----BEGIN PRIVATE KEY-----\nMIGHAgEA\n-----END PRIVATE KEY-----';

test('a private key comes back with the key and the id that it was sealed with, and is not readable without', () => {
  const sealed = sealPrivateKey(PKCS8, 'kid-1', KEY);
  expect(openPrivateKey(sealed, 'kid-1', KEY)).toBe(PKCS8);
  expect(sealed.toString('latin1')).not.toContain('PRIVATE KEY');
  expect(sealPrivateKey(PKCS8, 'kid-1', KEY)).not.toEqual(sealed);
});

test.each([
  ['another key', (sealed: Buffer) => openPrivateKey(sealed, 'kid-1', randomBytes(32))],
  ['the id of another row', (sealed: Buffer) => openPrivateKey(sealed, 'kid-2', KEY)],
  ['a changed byte', (sealed: Buffer) => openPrivateKey(flipLastBit(sealed), 'kid-1', KEY)],
])('it does not open with %s', (_, open) => {
  expect(() => open(sealPrivateKey(PKCS8, 'kid-1', KEY))).toThrow();
});

function flipLastBit(sealed: Buffer): Buffer {
  const changed = Buffer.from(sealed);
  changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
  return changed;
}
