import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

let running;

/** Runs one program to its end, in a group of its own, and resolves with whether it succeeded. */
export function run(args, { env = {}, quiet = false } = {}) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    detached: true,
    stdio: ['ignore', quiet ? 'ignore' : 'inherit', quiet ? 'ignore' : 'inherit'],
    env: { ...process.env, ...env },
  });
  running = child;
  return new Promise((resolve) => child.once('exit', (code) => resolve(code === 0)));
}

/** Ends the program that runs now, with everything that it started. */
export function stopRunning() {
  if (!running || running.exitCode !== null || running.signalCode !== null) return;
  try {
    process.kill(-running.pid, 'SIGKILL');
  } catch {
    // its last process has just ended
  }
}

/** Shows a step's name before it and its time after it. */
export async function step(name, work) {
  const begin = performance.now();
  console.log(`\n=== ${name}`);
  const passed = await work();
  console.log(`=== ${name}: ${passed ? 'passed' : 'FAILED'} in ${((performance.now() - begin) / 1_000).toFixed(0)} s`);
  return { name, passed };
}
