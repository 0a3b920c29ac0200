import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SecretFile } from './secrets.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gatehouse-secrets-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('a secret is made once and is the same after a restart, and no two are alike', () => {
  const file = join(folder, 'secrets.json');
  const first = new SecretFile(file);
  const [one, two] = [first.get('one'), first.get('two')];
  expect(one).not.toBe(two);
  expect(Buffer.from(one, 'base64url')).toHaveLength(32);
  const afterRestart = new SecretFile(file);
  expect([afterRestart.get('one'), afterRestart.get('two')]).toEqual([one, two]);
});

test('only the owner can read the file, whatever the umask', () => {
  const umask = process.umask(0);
  try {
    new SecretFile(join(folder, 'secrets.json')).get('one');
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
  } finally {
    process.umask(umask);
  }
});
