import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isRunning } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import type { RunningPart } from './part.ts';

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Standard output and error go here; the previous file is kept as `<file>.1`. */
  readonly logFile: string;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** What asks this server to end; SIGTERM unless told. */
  readonly stopSignal?: NodeJS.Signals;
  /** After this many milliseconds it is killed. */
  readonly stopWithinMs?: number;
}

interface ProcessRecord extends ProcessIdentity {
  readonly name: string;
  readonly stopSignal: NodeJS.Signals;
}

/**
 * Starts server processes and writes down each one's pid and start time, so that a starter that was killed outright
 * leaves no orphan for ever: the next one reads the record and ends what is still running.
 */
export class Processes {
  readonly #file: string;
  readonly #records = new Map<number, ProcessRecord>();
  readonly #parts: RunningPart[] = [];
  readonly #ended: (name: string, how: string) => void;
  #stopped = false;

  /** `ended` is told of every process that ends before `stop` was called. */
  constructor(recordFile: string, ended: (name: string, how: string) => void = () => undefined) {
    this.#file = recordFile;
    this.#ended = ended;
  }

  /** Starts a process in a group of its own: Ctrl-C reaches the starter only, which then stops all parts in order. */
  start(spec: ProcessSpec): RunningPart {
    if (this.#stopped) throw new Error(`${spec.name} is not started: everything is being stopped.`);
    if (existsSync(spec.logFile)) renameSync(spec.logFile, `${spec.logFile}.1`);
    const log = openSync(spec.logFile, 'a', 0o600);
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.env ?? process.env,
      stdio: ['ignore', log, log],
      detached: true,
      ...spec.user,
    });
    closeSync(log);
    const { pid, name } = { pid: child.pid ?? 0, name: spec.name };
    const stopSignal = spec.stopSignal ?? 'SIGTERM';
    const exited = new Promise<string>((resolve) => {
      const gone = (how: string) => {
        this.#forget(pid);
        if (!this.#stopped) this.#ended(name, how);
        resolve(how);
      };
      child.once('error', (error) => gone(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) => gone(signal ? `was ended by ${signal}` : `ended with exit code ${code}`));
    });
    const identity = identify(pid);
    if (identity) this.#remember({ name, ...identity, stopSignal });
    const stop = async () => {
      if (this.#records.has(pid)) await endProcess(pid, exited, stopSignal, spec.stopWithinMs ?? 15_000);
    };
    const part = { name, pid, exited, stop };
    this.#parts.push(part);
    return part;
  }

  /** Ends every process that this instance started, the last one first, and lets no further one start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const part of this.#parts.reverse()) await part.stop();
  }

  /** Ends what an earlier starter left running; returns the names. */
  async recover(): Promise<string[]> {
    const left = readRecords(this.#file).filter(isRunning).reverse();
    for (const record of left) await endProcess(record.pid, untilGone(record), record.stopSignal, 15_000);
    writeFileSync(this.#file, '[]', { mode: 0o600 });
    return left.map((record) => record.name);
  }

  #remember(record: ProcessRecord): void {
    this.#records.set(record.pid, record);
    this.#write();
  }

  #forget(pid: number): void {
    if (this.#records.delete(pid)) this.#write();
  }

  #write(): void {
    writeFileSync(`${this.#file}.new`, JSON.stringify([...this.#records.values()]), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

function readRecords(file: string): ProcessRecord[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord[]) : [];
}

async function untilGone(record: ProcessRecord): Promise<void> {
  while (isRunning(record)) await delay(50);
}

async function endProcess(
  pid: number,
  gone: Promise<unknown>,
  signal: NodeJS.Signals,
  withinMs: number,
): Promise<void> {
  const late = new AbortController();
  send(pid, signal);
  const kill = delay(withinMs, undefined, { signal: late.signal }).then(
    () => send(pid, 'SIGKILL'),
    () => undefined,
  );
  await gone;
  late.abort();
  await kill;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
