/**
 * `docs/features.md` says what works; this says whether that is true. Every requirement has its row, and every test that
 * a row names exists in the report of the last run and has passed.
 *
 *     node infra/ci/check-features.mjs [reports/jest.json]
 */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
/** The requirements: T1 to T12 and so on. */
const groups = { T: 12, Z: 11, A: 7, E: 4, P: 9 };
const states = ['open', 'partly', 'done'];

/** The rows of the page: `### T1 · partly` headings, each with its `- file: test name` lines. */
export function parseFeatures(text) {
  const rows = [];
  for (const [number, line] of text.split('\n').entries()) {
    const heading = /^### ([A-Z]\d+) · (\w+)/.exec(line);
    if (heading) rows.push({ id: heading[1], state: heading[2], tests: [] });
    const test = /^- `([^`]+\.spec\.ts)`: (.+)$/.exec(line);
    if (test) rows.at(-1)?.tests.push({ file: test[1], name: test[2], line: number + 1 });
  }
  return rows;
}

/** What is wrong with the page, given the tests of a run as `file -> name -> status`. */
export function featureProblems(rows, results) {
  const expected = Object.entries(groups).flatMap(([group, count]) => Array.from({ length: count }, (_, i) => `${group}${i + 1}`)); // prettier-ignore
  const listed = rows.map(({ id }) => id);
  return [
    ...expected.filter((id) => !listed.includes(id)).map((id) => `${id} is not listed`),
    ...listed.filter((id, index) => !expected.includes(id) || listed.indexOf(id) !== index).map((id) => `${id} is listed twice or does not exist`), // prettier-ignore
    ...rows.flatMap((row) => rowProblems(row, results)),
  ];
}

function rowProblems({ id, state, tests }, results) {
  if (!states.includes(state)) return [`${id} is "${state}": one of ${states.join(', ')}`];
  if (state === 'open') return tests.length > 0 ? [`${id} is open and yet names tests`] : [];
  if (tests.length === 0) return [`${id} is ${state} and names no test that proves it`];
  return tests.flatMap(({ file, name, line }) => {
    const status = results.get(file)?.get(name);
    if (status === 'passed') return [];
    return [`${id} (line ${line}): "${name}" in ${file} ${status ? `has ${status}` : 'did not run'}`];
  });
}

/** Jest's JSON report as `file -> name -> status`; a name is the test's own or with those of its describe blocks. */
export function readResults(report) {
  return new Map(
    report.testResults.map(({ name, assertionResults }) => [
      relative(root, name),
      new Map(assertionResults.flatMap(({ title, fullName, status }) => [[title, status], [fullName, status]])), // prettier-ignore
    ]),
  );
}

if (process.argv[1] === import.meta.filename) {
  const report = JSON.parse(readFileSync(process.argv[2] ?? join(root, 'reports', 'jest.json'), 'utf8'));
  const rows = parseFeatures(readFileSync(join(root, 'docs', 'features.md'), 'utf8'));
  const problems = featureProblems(rows, readResults(report));
  for (const problem of problems) console.error(problem);
  const proofs = rows.reduce((sum, { tests }) => sum + tests.length, 0);
  console.log(`${rows.length} requirements, ${proofs} proving tests, ${problems.length} problems`);
  process.exit(problems.length > 0 ? 1 : 0);
}
