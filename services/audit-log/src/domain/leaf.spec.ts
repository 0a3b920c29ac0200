import { hash } from 'node:crypto';
import { leafHash } from './leaf.ts';

/** The first leaves of the reference tree of Certificate Transparency (RFC 6962). */
test.each([
  ['', '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  ['00', '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7'],
  ['10', '0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7'],
  ['2021', '07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7'],
])('the leaf %s hashes as in the reference tree', (input, expected) => {
  expect(leafHash(Buffer.from(input, 'hex')).toString('hex')).toBe(expected);
});

test('an entry that looks like a pair of hashes does not hash like the node above them', () => {
  const pair = Buffer.alloc(64, 7);
  const node = hash('sha256', Buffer.concat([Buffer.of(1), pair]), 'hex');
  expect(leafHash(pair).toString('hex')).not.toBe(node);
});
