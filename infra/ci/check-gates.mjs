/** The gate's own checks, each given something that it has to refuse and the same thing put right. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { featureProblems, parseFeatures } from './check-features.mjs';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-gates-'));
const integrity = 'sha512-x';
const sound = {
  '': { optionalDependencies: { a: '1' } },
  'node_modules/a': { integrity, optionalDependencies: { b: '1' } },
  'node_modules/a/node_modules/b': { integrity },
  'libs/own': {},
};

function lockfileIsSound(packages) {
  const file = join(folder, 'package-lock.json');
  writeFileSync(file, JSON.stringify({ packages }));
  return spawnSync(process.execPath, [join(import.meta.dirname, 'check-lockfile.mjs'), file]).status === 0;
}

assert(lockfileIsSound(sound));
assert(!lockfileIsSound({ ...sound, 'node_modules/a/node_modules/b': undefined }), 'a missing optional dependency');
assert(!lockfileIsSound({ ...sound, 'node_modules/a': {} }), 'a package without integrity');
assert(!lockfileIsSound({ ...sound, 'node_modules/a': { ...sound['node_modules/a'], resolved: 'x' } }), 'an address');
rmSync(folder, { recursive: true });

const page = (state, proof) => parseFeatures(`### T1 · ${state}\n\nText.\n\n${proof}\n`);
const ofT1 = (rows, status) =>
  featureProblems(rows, new Map([['a.spec.ts', new Map([['it holds', status]])]])).filter((text) => /^T1\b/.test(text));
const proof = '- `a.spec.ts`: it holds';

assert.deepEqual(ofT1(page('partly', proof), 'passed'), []);
assert.deepEqual(ofT1(page('open', ''), 'passed'), []);
assert.match(ofT1(page('partly', proof), 'failed')[0], /has failed/);
assert.match(ofT1(page('partly', proof), 'pending')[0], /has pending/);
assert.match(ofT1(page('partly', '- `a.spec.ts`: it is another'), 'passed')[0], /did not run/);
assert.match(ofT1(page('done', ''), 'passed')[0], /names no test/);
assert.match(ofT1(page('finished', proof), 'passed')[0], /one of open/);
assert.match(ofT1([], 'passed')[0], /not listed/);
console.log('the lockfile check and the features check refuse what they have to refuse');
