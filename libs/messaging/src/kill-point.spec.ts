import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const module = join(import.meta.dirname, 'kill-point.ts');

/** How a process ends that passes two points, twice each, with `env` set. */
function run(env: Record<string, string>) {
  const script = `
    import { killPoint } from ${JSON.stringify(module)};
    for (const visit of [1, 2]) {
      killPoint('before-commit');
      console.log('committed', visit);
      killPoint('after-commit-before-publish');
    }`;
  const options = ['--experimental-transform-types', '--conditions=@gatehouse/source', '--input-type=module'];
  const { signal, stdout } = spawnSync(process.execPath, [...options, '-e', script], {
    env: { PATH: process.env['PATH'], ...env },
    encoding: 'utf8',
  });
  return { signal, committed: stdout.split('\n').filter((line) => line.startsWith('committed')).length };
}

describe('a kill point', () => {
  test.each([
    ['does nothing unless it is armed', {}, { signal: null, committed: 2 }],
    [
      'ends the process at once where it is',
      { GATEHOUSE_KILL_POINT: 'before-commit' },
      { signal: 'SIGKILL', committed: 0 },
    ],
    [
      'leaves the points before it alone',
      { GATEHOUSE_KILL_POINT: 'after-commit-before-publish' },
      { signal: 'SIGKILL', committed: 1 },
    ],
    [
      'waits for the visit that it is set to',
      { GATEHOUSE_KILL_POINT: 'before-commit', GATEHOUSE_KILL_AFTER: '2' },
      { signal: 'SIGKILL', committed: 1 },
    ],
    [
      'does nothing in production',
      { GATEHOUSE_KILL_POINT: 'before-commit', GATEHOUSE_ENV: 'production' },
      { signal: null, committed: 2 },
    ],
  ])('%s', (_, env, expected) => {
    expect(run(env)).toEqual(expected);
  });
});
