import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', 'local', 'src', 'test-platform.main.ts');

/**
 * Starts a test platform unless GATEHOUSE_TEST_PLATFORM names a running one. It watches its standard input, so it ends
 * with this process even where nobody gets to run the teardown.
 */
export default async function setup() {
  if (process.env.GATEHOUSE_TEST_PLATFORM) return;
  const options = ['--conditions=@gatehouse/source', '--disable-warning=TimeoutNegativeWarning'];
  const platform = spawn(process.execPath, [...options, main, '--until-stdin-closes'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const exited = once(platform, 'exit');
  const [line] = await Promise.race([
    once(createInterface({ input: platform.stdout }), 'line'),
    exited.then(([code]) => Promise.reject(new Error(`The test platform did not start (exit code ${code}).`))),
  ]);
  process.env.GATEHOUSE_TEST_PLATFORM = line.split('=').slice(1).join('=');
  globalThis.stopTestPlatform = async () => {
    platform.stdin.end();
    await exited;
  };
}
