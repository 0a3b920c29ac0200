import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlreadyRunning, takeLock } from './lock.ts';
import { identify, isRunning, thisProcess } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { Processes } from './processes.ts';
import { untilReady } from './readiness.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gatehouse-recovery-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const source = (file: string) => JSON.stringify(join(import.meta.dirname, file));

/** A starter in a process of its own: takes the lock, starts one long-running child, and stays. */
async function starter(): Promise<{ identity: ProcessIdentity; kill(): Promise<void> }> {
  const script = `
    import { takeLock } from ${source('lock.ts')};
    import { Processes } from ${source('processes.ts')};
    takeLock(${JSON.stringify(join(folder, 'lock'))});
    new Processes(${JSON.stringify(join(folder, 'processes.json'))})
      .start({ name: 'sleeper', command: 'sleep', args: ['600'], logFile: ${JSON.stringify(join(folder, 'log'))} });
    console.log('started');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  await once(child.stdout, 'data');
  const kill = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { identity: identify(child.pid ?? 0) ?? { pid: 0, start: '' }, kill };
}

function recorded(): ProcessIdentity {
  const [record] = JSON.parse(readFileSync(join(folder, 'processes.json'), 'utf8')) as ProcessIdentity[];
  if (!record) throw new Error('nothing was recorded');
  return record;
}

test('a second start is refused with the pid of the first, and taken over when the first was killed', async () => {
  const first = await starter();
  const lock = join(folder, 'lock');
  expect(() => takeLock(lock)).toThrow(new AlreadyRunning(first.identity.pid));
  await first.kill();
  const unlock = takeLock(lock);
  unlock();
  expect(existsSync(lock)).toBe(false);
  process.kill(recorded().pid, 'SIGKILL');
});

test('a lock of a pid that belongs to another process by now is stale', () => {
  const lock = join(folder, 'lock');
  writeFileSync(lock, JSON.stringify({ ...thisProcess(), start: '1' }));
  takeLock(lock)();
  // The control: with the right start time the same pid does hold the lock.
  writeFileSync(lock, JSON.stringify(thisProcess()));
  expect(() => takeLock(lock)).toThrow(AlreadyRunning);
});

test('what a killed starter left running is ended by the next one', async () => {
  const first = await starter();
  await first.kill();
  const sleeper = recorded();
  expect(isRunning(sleeper)).toBe(true);
  expect(await new Processes(join(folder, 'processes.json')).recover()).toEqual(['sleeper']);
  expect(isRunning(sleeper)).toBe(false);
});

test('a recorded pid that belongs to another process by now is left alone', async () => {
  const bystander = spawn('sleep', ['600'], { stdio: 'ignore' });
  const identity = identify(bystander.pid ?? 0);
  const record = { name: 'server', ...identity, start: '1', stopSignal: 'SIGKILL' };
  writeFileSync(join(folder, 'processes.json'), JSON.stringify([record]));
  expect(await new Processes(join(folder, 'processes.json')).recover()).toEqual([]);
  expect(identity && isRunning(identity)).toBe(true);
  bystander.kill();
});

test('processes end in the opposite order of their start, stubborn ones by force', async () => {
  const ended: string[] = [];
  const processes = new Processes(join(folder, 'processes.json'));
  const start = (name: string, script: string) => {
    const part = processes.start({ name, command: 'sh', args: ['-c', script], logFile: join(folder, name), stopWithinMs: 300 }); // prettier-ignore
    void part.exited.then((how) => ended.push(`${name} ${how}`));
    return part;
  };
  start('first', 'exec sleep 600');
  const stubborn = start('stubborn', "trap '' TERM; echo deaf; while :; do sleep 0.1; done");
  const logFile = join(folder, 'stubborn');
  await untilReady(stubborn, {
    logFile,
    attempt: async () => expect(await readFile(logFile, 'utf8')).toContain('deaf'),
  });
  await processes.stop();
  expect(ended).toEqual(['stubborn was ended by SIGKILL', 'first was ended by SIGTERM']);
  expect(() => start('late', 'true')).toThrow(/being stopped/);
});
