import { revocationDigest, RevocationTable } from './revocation-table.ts';

const term = (expiresAt: number, changes = {}) => ({ revokedAt: 0, version: 0, expiresAt, ...changes });

test('what was added is found, through every growth, and nothing else is', () => {
  const table = new RevocationTable();
  for (let n = 0; n < 20_000; n++) table.add(revocationDigest('jti', `${n}`), term(100 + n));
  expect(table.size).toBe(20_000);
  const found = (n: number) => table.get(revocationDigest('jti', `${n}`))?.expiresAt;
  expect(Array.from({ length: 20_000 }, (_, n) => n).filter((n) => found(n) !== 100 + n)).toEqual([]);
  for (let n = 0; n < 1_000; n++) expect(table.get(revocationDigest('grant', `${n}`))).toBeUndefined();
});

test('the strictest of several additions is kept, in any order', () => {
  const digest = revocationDigest('subject', 'someone');
  const additions = [term(300, { version: 2 }), term(200, { version: 3 }), term(100, { revokedAt: 50 })];
  for (const order of [additions, additions.toReversed()]) {
    const table = new RevocationTable();
    for (const addition of order) table.add(digest, addition);
    expect(table.get(digest)).toEqual({ revokedAt: 50, version: 3, expiresAt: 300 });
    expect(table.size).toBe(1);
  }
});

test('what has expired leaves with its memory, and what has not stays', () => {
  const table = new RevocationTable();
  const { bytes } = table;
  for (let n = 0; n < 50_000; n++) table.add(revocationDigest('jti', `${n}`), term(n < 100 ? 2_000 : 1_000));
  expect(table.bytes).toBeGreaterThan(50 * bytes);
  table.forgetExpired(1_500);
  expect([table.size, table.bytes]).toEqual([100, bytes]);
  for (let n = 0; n < 200; n++) expect(table.get(revocationDigest('jti', `${n}`)) !== undefined).toBe(n < 100);
});

test('a million live revocations take less than 150 MB, also while the table grows', () => {
  const table = new RevocationTable();
  let largest = 0;
  const digest = new Uint32Array(4);
  for (let n = 0; n < 1_000_000; n++) {
    digest.set([Math.imul(n, 2_654_435_761) >>> 0, n, 0, 0]);
    const before = table.bytes;
    table.add(digest, term(1_000));
    // While it grows, the old and the new arrays are there together.
    largest = Math.max(largest, table.bytes + (table.bytes > before ? before : 0));
  }
  expect(table.size).toBe(1_000_000);
  expect(largest).toBeLessThan(150e6);
});
