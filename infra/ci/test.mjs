/*
 * `npm test`: everything that a change has to pass. Ends with one line, `N passed, N failed, N skipped`, in which each
 * static check counts as one, and with exit code 0 only if nothing failed. `npm test -- PATTERN...` runs only the specs
 * whose path matches.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root, run, step, stopRunning } from './steps.mjs';
import setup from './jest-setup.mjs';
import teardown from './jest-teardown.mjs';

const bin = (path) => join(root, 'node_modules', path);
const tsc = (...projects) => [bin('typescript/bin/tsc'), '-b', ...projects];
const nx = (...args) => [bin('nx/dist/bin/nx.js'), ...args];
const check = (name) => [join(root, 'infra', 'ci', `${name}.mjs`)];
const report = join(root, 'reports', 'jest.json');
/** Only suites that need Docker may be skipped, and they live here. */
const DOCKER_TESTS = 'test/docker/';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, async () => {
    console.log(`\nstopped by ${signal}`);
    stopRunning();
    await teardown();
    process.exit(1);
  });

mkdirSync(join(root, 'reports'), { recursive: true });
rmSync(report, { force: true });
const nxEnvironment = { env: { NX_DAEMON: 'false', NX_TUI: 'false' } };
const patterns = process.argv.slice(2);
const steps = patterns.length > 0 ? [await step('tests', tests)] : await everything();
const counts = countTests();
const passed = counts.passed + steps.filter((one) => one.passed && one.name !== 'tests').length;
const failed =
  counts.failed + steps.filter((one) => !one.passed && (one.name !== 'tests' || counts.failed === 0)).length;
console.log(`\n${passed} passed, ${failed} failed, ${counts.skipped} skipped`);
process.exit(failed > 0 ? 1 : 0);

/** Static checks first, because they are quick; each runs whatever became of the others. */
async function everything() {
  return [
    await step('lockfile', () => run(check('check-lockfile'))),
    await step('gates', () => run(check('check-gates'))),
    await step('format', () => run([bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', root])),
    await step('types', () => run(tsc())),
    await step('contracts', () => run([join(root, 'contracts/dist/generate/main.js'), '--check'])),
    await step('lint', () => run(nx('run-many', '-t', 'lint', '--parallel=2', '--output-style=static'), nxEnvironment)),
    await step('boundaries', () => run(check('check-boundaries'))),
    await step('tests', tests),
    await step('features', () => run(check('check-features'))),
    await step('asvs', () => run([join(root, 'infra', 'ci', 'asvs.mjs'), '--check'])),
  ];
}

/** All projects in one run of jest, on one platform that is stopped whatever happens. */
async function tests() {
  await setup();
  try {
    const options = [
      '--json',
      `--outputFile=${report}`,
      '--maxWorkers=2',
      '--workerIdleMemoryLimit=700MB',
      '--testTimeout=60000',
      '--forceExit',
      ...patterns,
    ];
    return await run(['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', bin('jest/bin/jest.js'), ...options]); // prettier-ignore
  } finally {
    await teardown();
  }
}

/** Counts jest's tests and prints how long each file took. A file that could not be run at all is one failed test. */
function countTests() {
  if (!existsSync(report)) return { passed: 0, failed: 0, skipped: 0 };
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const files = testResults.map(({ name, startTime, endTime, status, assertionResults }) => {
    const file = relative(root, name);
    if (assertionResults.length === 0 && status === 'failed') counts.failed++;
    for (const test of assertionResults) {
      if (test.status === 'passed') counts.passed++;
      else if (test.status === 'failed' || !file.startsWith(DOCKER_TESTS)) counts.failed++;
      else counts.skipped++;
    }
    return { file, seconds: (endTime - startTime) / 1_000 };
  });
  console.log('\nSeconds of each file:');
  for (const { file, seconds } of files.sort((a, b) => b.seconds - a.seconds))
    console.log(`${seconds.toFixed(1).padStart(8)}  ${file}`);
  return counts;
}
