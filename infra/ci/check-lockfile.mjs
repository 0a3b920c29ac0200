/**
 * `npm ci` fails on other machines than the one that wrote the lockfile when an optional native package is left out,
 * and on every machine but the author's when it holds download addresses. Prints what is wrong; exit code 1 if anything.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const file = process.argv[2] ?? join(import.meta.dirname, '..', '..', 'package-lock.json');
const { packages } = JSON.parse(readFileSync(file, 'utf8'));
const problems = [];

for (const [path, entry] of Object.entries(packages)) {
  for (const name of Object.keys(entry.optionalDependencies ?? {}))
    if (!resolves(path, name)) problems.push(`${name}, an optional dependency of ${path || 'the root'}, is missing`);
  if (!path.includes('node_modules/') || entry.link || entry.inBundle) continue;
  if (!entry.integrity) problems.push(`${path} has no integrity hash`);
  if (entry.resolved) problems.push(`${path} names a download address: ${entry.resolved}`);
}

for (const problem of problems) console.error(problem);
console.log(`${Object.keys(packages).length} packages, ${problems.length} problems`);
process.exit(problems.length > 0 ? 1 : 0);

/** Whether `name` is found from `path` upwards, as Node looks for it. */
function resolves(path, name) {
  for (let from = path; ; from = from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/')))) {
    if (packages[`${from}${from ? '/' : ''}node_modules/${name}`]) return true;
    if (!from) return false;
  }
}
