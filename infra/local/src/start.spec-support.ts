import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isRunning } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import type { PlatformFile } from './platform-file.ts';

/** `npm start` itself, in a process of its own, with its own folder and ports. */
export class Start {
  output = '';
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;
  readonly #home: string;

  constructor(home: string, env: Readonly<Record<string, string>>) {
    this.#home = home;
    const main = join(import.meta.dirname, 'start.main.ts');
    const { PATH, HOME } = process.env;
    this.#child = spawn(process.execPath, ['--conditions=@gatehouse/source', main], {
      env: { PATH, HOME, GATEHOUSE_HOME: home, OTEL_TRACES_EXPORTER: 'none', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.#exited = new Promise((resolve) => this.#child.once('exit', resolve));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The exit code, null after a signal. */
  exit(): Promise<number | null> {
    return this.#exited;
  }

  kill(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.#exited;
  }

  /** Waits for `platform.json`; throws with everything that was printed when it does not come. */
  async ready(): Promise<PlatformFile> {
    const file = join(this.#home, 'platform.json');
    for (const deadline = Date.now() + 200_000; !existsSync(file); await delay(100))
      if (this.#child.exitCode !== null || Date.now() > deadline) throw new Error(this.output);
    return readPlatformFile(this.#home);
  }
}

export function readPlatformFile(home: string): PlatformFile {
  return JSON.parse(readFileSync(join(home, 'platform.json'), 'utf8')) as PlatformFile;
}

/** The servers and services that the starter has recorded and that run now. */
export function runningProcesses(home: string): readonly (ProcessIdentity & { readonly name: string })[] {
  const records = JSON.parse(readFileSync(join(home, 'processes.json'), 'utf8')) as (ProcessIdentity & { name: string })[]; // prettier-ignore
  return records.filter(isRunning);
}

/** Waits until the condition holds. */
export async function until(condition: () => boolean, withinMs = 30_000): Promise<void> {
  for (const deadline = Date.now() + withinMs; !condition(); await delay(50))
    if (Date.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${condition.toString()}`);
}
